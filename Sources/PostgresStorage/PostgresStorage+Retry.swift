import Storage
import Synchronization

/// What a conflict or a lost connection costs is time.
extension PostgresStorage {
    /// Runs attempts, each on a leased connection, until one is decided or the deadline is over.
    func retrying<R: Sendable>(
        _ attempt: (PostgresConnection) async throws -> Attempt<R>
    ) async throws -> R {
        var backoff = Backoff(options.retryDeadline)
        while true {
            let connection = try await pool.lease()
            let ended = try await attempt(connection)
            await pool.release(connection, reusable: connection.handle.isReusable)
            let reason: StorageError
            switch ended {
            case .done(let result): return result
            case .stale:
                // Its own cancellation may have spoiled it.
                if Task.isCancelled { throw StorageError.cancelledWaiting }
                continue
            case .failed(let error): throw error
            case .retry(let error): reason = error
            case .unknown(let result, let transaction):
                if try await wasCommitted(transaction) { return result }
                reason = StorageError(.connectionLost, "the connection was lost during a commit")
            }
            counts.withLock { $0.retries += 1 }
            guard await backoff.pause() else {
                throw Task.isCancelled ? .cancelledWaiting : reason
            }
        }
    }

    /// Asks what became of a transaction whose connection was lost during its commit. The server forgets only old ones;
    /// one that it never wrote down is aborted.
    private func wasCommitted(_ transaction: TransactionNumber) async throws -> Bool {
        var backoff = Backoff(options.retryDeadline)
        while true {
            var reason = StorageError(
                .connectionLost, "the connection was lost during a commit, and the transaction has not ended since")
            do {
                let fate = try await withConnection { db in
                    let rows = try db.execute(
                        Statement(
                            sql: TransactionNumber.fateSQL,
                            parameters: [.text(String(transaction.number)), .text(transaction.life)]))
                    return try rows.first?["fate"] as String?
                }
                if fate == "unknown" { break }
                if fate != "in progress" { return fate == "committed" }
            } catch let error as StorageError where error.code == .invalidValue {
                // "in the future": the server went down before it wrote anything of it.
                return false
            } catch let error as StorageError where [.connectionLost, .unavailable, .timeout].contains(error.code) {
                reason = StorageError(
                    .connectionLost, subject: error.subject,
                    "the connection was lost during a commit; whether it was done is not known: \(error.message)")
            }
            guard await backoff.pause() else { throw reason }
        }
        throw StorageError(
            .connectionLost,
            "the database server was restarted or replaced during a commit; whether it was done is not known")
    }
}
