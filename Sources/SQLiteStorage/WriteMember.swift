import Storage

/// A write transaction that waits for, or takes part in, a group commit.
final class WriteMember: Sendable {
    let id: Int
    /// Keeps its result where its caller finds it.
    let body: @Sendable (isolated SQLiteConnection) throws -> Void
    private let continuation: CheckedContinuation<Void, any Error>

    init(
        id: Int, body: @escaping @Sendable (isolated SQLiteConnection) throws -> Void,
        continuation: CheckedContinuation<Void, any Error>
    ) {
        self.id = id
        self.body = body
        self.continuation = continuation
    }

    func succeed() {
        continuation.resume()
    }

    func fail(_ error: any Error) {
        continuation.resume(throwing: error)
    }
}
