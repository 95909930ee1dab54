import Glibc
import Synchronization
import Testing

/// A socket before the server's that passes everything on until it has seen the answer to a COMMIT: it swallows this
/// answer and cuts the connection, as a network would that fails at the worst moment.
final class CuttingProxy: Sendable {
    let folder: String
    private let target: String
    private let listener: Int32
    /// Commits to be cut; then none.
    private let left: Mutex<Int>

    /// `server` is a libpq connection string with a socket's folder as host. Connect to `folder`.
    init(before server: String, folder: String, cuts: Int) throws {
        let host = try #require(server.split(separator: " ").first { $0.hasPrefix("host=/") }).dropFirst(5)
        target = host + "/.s.PGSQL.5432"
        self.folder = folder
        left = Mutex(cuts)
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let bound = Self.withAddress(folder + "/.s.PGSQL.5432") { bind(listener, $0, $1) }
        try #require(bound == 0 && listen(listener, 64) == 0)
        Self.thread { self.accept() }
    }

    var remaining: Int { left.withLock { $0 } }

    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
    }

    private func accept() {
        while case let client = Glibc.accept(listener, nil, nil), client >= 0 {
            let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            guard Self.withAddress(target, { connect(server, $0, $1) }) == 0 else {
                Glibc.close(client)
                continue
            }
            Self.thread {
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while case let count = read(client, &buffer, buffer.count), count > 0 {
                    guard Self.writeAll(server, buffer[..<count]) else { break }
                }
                shutdown(server, Int32(SHUT_RDWR))
            }
            Self.thread {
                self.answers(server, client)
                // The server ends the session without hurry: what was committed stays committed.
                shutdown(client, Int32(SHUT_RDWR))
                shutdown(server, Int32(SHUT_RDWR))
            }
        }
    }

    /// Passes message after message: a letter, four bytes of length, the rest.
    private func answers(_ server: Int32, _ client: Int32) {
        var waiting: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(server, &buffer, buffer.count), count > 0 {
            waiting += buffer[..<count]
            while waiting.count >= 5 {
                let length = waiting[1..<5].reduce(0) { $0 << 8 | Int($1) } + 1
                guard waiting.count >= length else { break }
                let message = waiting[..<length]
                if message.elementsEqual([0x43, 0, 0, 0, 11] + Array("COMMIT\0".utf8)), takeCut() { return }
                guard Self.writeAll(client, message) else { return }
                waiting.removeFirst(length)
            }
        }
    }

    private func takeCut() -> Bool {
        left.withLock { left in
            defer { left = max(0, left - 1) }
            return left > 0
        }
    }

    private static func writeAll(_ file: Int32, _ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func withAddress<R>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        return withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private final class Work: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    private static func thread(_ work: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let started = pthread_create(
            &thread, nil,
            { pointer in
                if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(Work(work)).toOpaque())
        if started == 0 { pthread_detach(thread) }
    }
}
