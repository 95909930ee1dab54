import CLibPQ
import Glibc
import Storage

/// The connection that listens, on its thread: waits for messages and for word from other threads.
struct ListenerConnection {
    enum Wake {
        case message(channel: String, payload: String)
        /// Another thread called, or some time passed.
        case call
        case lost
    }

    private let session: PostgresSession
    private let call: Int32

    /// `call` becomes readable when another thread has something to say.
    init(_ session: PostgresSession, call: Int32) {
        self.session = session
        self.call = call
    }

    /// Returns false if the connection is lost.
    func run(_ sql: String) -> Bool {
        session.run([.text(sql)]).failure == nil && session.handle.isReusable
    }

    func wait() -> [Wake] {
        guard let raw = session.raw else { return [.lost] }
        var wakes = messages(raw)
        if !wakes.isEmpty { return wakes }
        var entries = [
            pollfd(fd: plue_PQsocket(raw), events: Int16(POLLIN), revents: 0),
            pollfd(fd: call, events: Int16(POLLIN), revents: 0),
        ]
        let ready = poll(&entries, 2, 20_000)
        // A peer that is silently gone answers no question.
        if ready == 0, !run("SELECT 1") { return [.lost] }
        if entries[0].revents != 0 {
            guard plue_PQconsumeInput(raw) == 1, plue_PQstatus(raw) == Int32(PLUE_CONNECTION_OK) else { return [.lost] }
            wakes += messages(raw)
            if wakes.isEmpty, session.looksDead { return [.lost] }
        }
        if entries[1].revents != 0 {
            var buffer = [UInt8](repeating: 0, count: 256)
            while read(call, &buffer, buffer.count) == buffer.count {}
            wakes.append(.call)
        }
        return wakes
    }

    func close() {
        session.close()
    }

    private func messages(_ raw: OpaquePointer) -> [Wake] {
        var wakes: [Wake] = []
        while let notification = plue_PQnotifies(raw) {
            wakes.append(
                .message(
                    channel: String(cString: notification.pointee.relname),
                    payload: String(cString: notification.pointee.extra)))
            plue_PQfreemem(notification)
        }
        return wakes
    }
}
