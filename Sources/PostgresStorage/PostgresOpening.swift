import CLibPQ
import Storage
import Synchronization

/// How a connection is opened, checked and made ready.
struct PostgresOpening: Sendable {
    let connectionString: String
    let options: PostgresOptions
    private let known = Known()

    /// Whether the server was reached once: then it is waited for as long as conflicts are met.
    private final class Known: Sendable {
        let isReached = Atomic(false)
    }

    init(connectionString: String, options: PostgresOptions) {
        self.connectionString = connectionString
        self.options = options
    }

    /// Tries again until the deadline while the server is away.
    func connection() async throws(StorageError) -> PostgresConnection {
        let isReached = known.isReached.load(ordering: .relaxed)
        var backoff = Backoff(isReached ? options.retryDeadline : options.openDeadline)
        let thread = try ConnectionThread()
        while true {
            switch await attempt(thread) {
            case .success(let connection):
                known.isReached.store(true, ordering: .relaxed)
                return connection
            case .failure(let failure):
                guard failure.isTransient, await backoff.pause() else {
                    thread.stop()
                    if Task.isCancelled { throw .cancelledWaiting }
                    throw failure.error
                }
            }
        }
    }

    private func attempt(_ thread: ConnectionThread) async -> Result<PostgresConnection, ConnectionAttempt.Failure> {
        await withCheckedContinuation { continuation in
            thread.perform {
                do throws(ConnectionAttempt.Failure) {
                    let session = try self.session()
                    let connection = PostgresConnection(session, thread, SessionSettings(options), options: options)
                    continuation.resume(returning: .success(connection))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
    }

    /// On the calling thread: connects once, and checks what the server is.
    func session() throws(ConnectionAttempt.Failure) -> PostgresSession {
        let session = try ConnectionAttempt(connectionString: connectionString, options: options).run()
        func refuse(_ words: String) -> ConnectionAttempt.Failure {
            .init(error: StorageError(.unavailable, subject: session.place, words), isTransient: false)
        }
        guard let raw = session.raw else { throw refuse(session.lost.message) }
        let version = plue_PQserverVersion(raw)
        guard version >= 130_000 else {
            throw refuse(
                "the database server \(session.place) is PostgreSQL \(version / 10_000): 13 or newer is needed")
        }
        let encoding = plue_PQparameterStatus(raw, "server_encoding").map { String(cString: $0) } ?? ""
        guard encoding == "UTF8" else {
            throw refuse("the database's encoding is \(encoding): create it with ENCODING 'UTF8'")
        }
        let settings = SessionSettings(options)
        let sql = options.transactionPooler ? "SELECT current_setting('fsync') AS fsync" : settings.forSession
        let answer = session.run([.text(sql)])
        if let failure = answer.failure?.failure {
            throw .init(
                error: answer.isLost ? session.lost : failure.error, isTransient: failure.isFatal || answer.isLost)
        }
        guard let result = answer.results[0], let row = try? Shape(result).rows(result).first else {
            throw .init(error: session.lost, isTransient: true)
        }
        if !options.allowsUnsafeServer, let fsync: String = try? row["fsync"], fsync != "on" {
            throw refuse(
                "the database server \(session.place) has fsync off, and a power cut can destroy it: set fsync = on, or"
                    + " allow an unsafe server (plue: PLUE_ALLOW_FSYNC_OFF=1)")
        }
        return session
    }
}
