internal import Glibc
internal import Model
internal import Services
internal import Synchronization
internal import WorkflowSyntax

/// Collects what happens in a job and hands it to the services every 20 ms in one transaction. Steps do not wait for
/// the database; a process that writes faster than it stores is held up once 16 MiB wait.
final class JobReporter: Sendable {
    private static let interval = Duration.milliseconds(20)
    private static let backlogLimit = 16 << 20
    private static let chunkLimit = 60_000

    private struct State {
        var reports: [JobReport] = []
        var lines: [LogLine] = []
        var lineBytes = 0
        var backlog = 0
        var nextLine: Int64 = 1
        /// Of the first line that is not in a chunk yet.
        var nextByte: Int64 = 0
        var nextSequence: Int64 = 0
        var worker: Task<Void, Never>?
        var pause: Task<Void, Never>?
        var failure: (any Error)?
    }

    private let state = Mutex(State())
    private let services: Services
    private let assignment: JobAssignment
    private let stop: StopSignal
    private let principal: Principal

    init(services: Services, assignment: JobAssignment, stop: StopSignal = StopSignal(), principal: Principal) {
        self.services = services
        self.assignment = assignment
        self.stop = stop
        self.principal = principal
    }

    /// The number of the next line of the log.
    var nextLine: Int64 { state.withLock { $0.nextLine } }

    func log(_ line: LogLine) {
        let isFull = state.withLock { state in
            let size = line.text.utf8.count + 40
            if state.lineBytes + size > Self.chunkLimit { Self.cutChunk(&state) }
            state.lines.append(line)
            state.lineBytes += size
            state.backlog += size
            state.nextLine += 1
            return state.backlog > Self.backlogLimit
        }
        schedule()
        if isFull { waitForRoom() }
    }

    func add(_ report: JobReport) {
        state.withLock { state in
            Self.cutChunk(&state)
            state.reports.append(report)
        }
        schedule()
    }

    private static func cutChunk(_ state: inout State) {
        guard !state.lines.isEmpty else { return }
        let first = state.nextLine - Int64(state.lines.count)
        state.reports.append(
            .log(sequence: state.nextSequence, firstLine: first, firstByte: state.nextByte, state.lines))
        state.nextSequence += 1
        for line in state.lines { state.nextByte += Int64(line.text.utf8.count) + 1 }
        state.lines = []
        state.lineBytes = 0
    }

    /// One worker at a time stores reports, so that they stay in order; it ends when nothing is left.
    private func schedule() {
        state.withLock { state in
            guard state.worker == nil else { return }
            let pause = Task<Void, Never>.detached { try? await Task.sleep(for: Self.interval) }
            state.pause = pause
            state.worker = Task.detached { [self] in
                await pause.value
                await flush()
                let hasMore = self.state.withLock { state in
                    state.worker = nil
                    return !state.reports.isEmpty || !state.lines.isEmpty
                }
                if hasMore { schedule() }
            }
        }
    }

    /// What was not handed over yet, and its bytes.
    private func take() -> ([JobReport], Int) {
        state.withLock { state in
            Self.cutChunk(&state)
            defer { state.reports = [] }
            return (state.reports, state.backlog)
        }
    }

    private func flush() async {
        let (reports, size) = take()
        guard !reports.isEmpty else { return }
        do {
            try await services.runners.report(reports, of: assignment, by: principal)
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
            // Nobody would know of what the job did from here on.
            stop.force()
        }
        state.withLock { $0.backlog -= size }
    }

    /// What is left to be stored with the job's end. Throws the first error of any report: the database could not be
    /// written, or the assignment is no longer the live one.
    func finish() async throws -> [JobReport] {
        while let (worker, pause) = state.withLock({ state in state.worker.map { ($0, state.pause) } }) {
            pause?.cancel()
            await worker.value
        }
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return take().0
    }

    /// On the thread that reads outputs: while it sleeps, processes that write are held up by their full pipes.
    private func waitForRoom() {
        while state.withLock({ $0.backlog > Self.backlogLimit && $0.failure == nil }) { usleep(1_000) }
    }
}
