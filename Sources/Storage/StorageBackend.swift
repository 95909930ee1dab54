/// A database with its connections.
///
/// Bodies are synchronous, so that nothing else can be awaited inside a transaction, and **may run more than once**
/// (after a lock conflict, or when another member of a group commit ended the shared transaction): they must not have
/// effects outside the database. Errors of a body are passed on unchanged; the backend's own are `StorageError`.
/// A task that is cancelled while it waits for a connection gets `StorageError` of code `cancelled`.
public protocol StorageBackend: Sendable {
    var dialect: Dialect { get }
    var metrics: StorageMetrics { get }

    /// Runs `body` in a read transaction: all its queries see one snapshot; a write in it throws `readOnly`.
    func read<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) throws -> R
    ) async throws -> R

    /// Runs `body` in a write transaction. It is committed, durably as configured, before this returns, and rolled back
    /// if `body` throws.
    @discardableResult
    func transaction<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) throws -> R
    ) async throws -> R

    /// Leases a connection that can write, without a transaction, for as long as `body` takes.
    @discardableResult
    func withConnection<R: Sendable>(
        _ body: @escaping @Sendable (isolated any StorageConnection) async throws -> R
    ) async throws -> R

    /// Whether what is open is still the database that its address names. Throws `unavailable` when it is not: nobody else
    /// sees what is stored in it any more.
    func checkPlace() throws(StorageError)

    /// Refuses new work with `unavailable`, waits for what runs, and closes every connection. Idempotent.
    func close() async
}

extension StorageBackend {
    /// A server is asked at each connection.
    public func checkPlace() throws(StorageError) {}
}
