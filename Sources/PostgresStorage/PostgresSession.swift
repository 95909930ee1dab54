import CLibPQ
import Glibc
import Storage

/// An open connection of libpq, in pipeline mode except for COPY.
///
/// Unchecked: used on its connection's thread only; other threads have its `handle`.
final class PostgresSession: @unchecked Sendable {
    /// What the commands of a pipeline gave.
    struct Answer {
        /// By command; nil for those after a failure, and for those without a result.
        var results: [PostgresResult?]
        /// The first failure, and whose it was.
        var failure: (index: Int, failure: PostgresFailure)?
        /// The connection ended before everything was answered.
        var isLost = false
    }

    /// Bounds of what is sent before answers are read: a server that cannot send its answers reads no more.
    private static let batchCount = 100
    private static let batchBytes = 256 * 1024

    let handle: PostgresHandle
    /// Host and port, for messages.
    let place: String
    private var pointer: OpaquePointer?
    /// A command was sent whose answer nobody waited for.
    private var owesAnswer = false

    init(_ pointer: OpaquePointer, place: String) {
        self.pointer = pointer
        self.place = place
        handle = PostgresHandle(pointer)
        plue_pq_drop_notices(pointer)
    }

    deinit {
        plue_PQfinish(pointer)
    }

    /// For COPY.
    var raw: OpaquePointer? { pointer }

    var lost: StorageError {
        StorageError(.connectionLost, subject: place, "the connection to the database server \(place) was lost")
    }

    /// The connection ended without a word from the other side, which may have gone on.
    var fellSilent: Bool {
        guard let pointer, let words = plue_PQerrorMessage(pointer).map({ String(cString: $0) }) else { return false }
        return ["timed out", "timeout", "nreachable", "No route"].contains { words.contains($0) }
    }

    /// After what was sent has been answered.
    var status: Int32 {
        settle()
        guard let pointer else { return Int32(PLUE_TRANS_IDLE) }
        return plue_PQtransactionStatus(pointer)
    }

    /// The server has ended the connection, as far as this side knows without asking.
    var looksDead: Bool {
        settle()
        guard let pointer, handle.isReusable else { return true }
        var entry = pollfd(fd: plue_PQsocket(pointer), events: Int16(POLLIN), revents: 0)
        // What may come unasked are notices and notifications; a farewell is followed by the end of the stream.
        while plue_PQstatus(pointer) == Int32(PLUE_CONNECTION_OK) {
            if poll(&entry, 1, 0) == 0 { return false }
            if plue_PQconsumeInput(pointer) == 0 { break }
        }
        handle.spoil()
        return true
    }

    /// Sends the commands with one sync at their end and reads every answer.
    func run(_ commands: [Command]) -> Answer {
        var answer = Answer(results: [PostgresResult?](repeating: nil, count: commands.count))
        settle()
        guard let pointer, handle.isReusable || handle.wasInterrupted, enterPipeline() else {
            return lose(&answer)
        }
        var start = 0
        repeat {
            let end = Self.batchEnd(commands, start)
            for command in commands[start..<end] {
                guard command.send(pointer) else { return lose(&answer) }
            }
            let isLast = end == commands.count
            guard
                isLast
                    ? plue_PQpipelineSync(pointer) == 1
                    : plue_PQsendFlushRequest(pointer) == 1 && plue_PQflush(pointer) == 0
            else { return readRest(commands, start, end, &answer) }
            guard read(commands, start..<end, &answer) else { return lose(&answer) }
            if isLast || answer.failure != nil {
                if !isLast { guard plue_PQpipelineSync(pointer) == 1 else { return lose(&answer) } }
                guard readSync() else { return lose(&answer) }
                return answer
            }
            start = end
        } while true
    }

    /// Sends a command whose answer matters to nobody: it is read before the next one's.
    func post(_ sql: String) {
        settle()
        guard let pointer, handle.isReusable, enterPipeline() else { return }
        guard Command.text(sql).send(pointer), plue_PQpipelineSync(pointer) == 1 else { return handle.spoil() }
        owesAnswer = true
    }

    func close() {
        handle.spoil()
        plue_PQfinish(pointer)
        pointer = nil
    }

    /// Leaves pipeline mode, as COPY and scripts of several statements ask for.
    func leavePipeline() -> Bool {
        settle()
        guard let pointer else { return false }
        return plue_PQpipelineStatus(pointer) == 0 || plue_PQexitPipelineMode(pointer) == 1
    }

    private func enterPipeline() -> Bool {
        guard let pointer else { return false }
        return plue_PQpipelineStatus(pointer) != 0 || plue_PQenterPipelineMode(pointer) == 1
    }

    private func settle() {
        guard owesAnswer else { return }
        owesAnswer = false
        var ignored = Answer(results: [nil])
        guard read([.text("")], 0..<1, &ignored), readSync() else { return handle.spoil() }
    }

    private func lose(_ answer: inout Answer) -> Answer {
        handle.spoil()
        answer.isLost = true
        return answer
    }

    /// Sending failed: what the server said before it went may still be there.
    private func readRest(_ commands: [Command], _ start: Int, _ end: Int, _ answer: inout Answer) -> Answer {
        _ = read(commands, start..<end, &answer)
        return lose(&answer)
    }

    private static func batchEnd(_ commands: [Command], _ start: Int) -> Int {
        var end = start
        var bytes = 0
        while end < commands.count, end - start < batchCount {
            bytes += commands[end].size
            if end > start, bytes > batchBytes { break }
            end += 1
        }
        return end
    }

    /// False if the connection is lost.
    private func read(_ commands: [Command], _ range: Range<Int>, _ answer: inout Answer) -> Bool {
        for index in range where commands[index].hasResult {
            guard let pointer, let first = plue_PQgetResult(pointer) else { return false }
            let result = PostgresResult(first)
            // Until the null that ends a command's results; a lost connection gives none.
            while plue_PQstatus(pointer) == Int32(PLUE_CONNECTION_OK), let more = plue_PQgetResult(pointer) {
                plue_PQclear(more)
            }
            if result.isFailure {
                guard result.status != Int32(PLUE_PIPELINE_ABORTED) else { continue }
                let failure = PostgresFailure(result)
                if answer.failure == nil { answer.failure = (index, failure) }
                if failure.isFatal || failure.state.isEmpty || plue_PQstatus(pointer) != Int32(PLUE_CONNECTION_OK) {
                    return false
                }
            } else {
                answer.results[index] = result
            }
        }
        return true
    }

    private func readSync() -> Bool {
        guard let pointer, let next = plue_PQgetResult(pointer) else { return false }
        let result = PostgresResult(next)
        return result.status == Int32(PLUE_PIPELINE_SYNC)
    }
}
