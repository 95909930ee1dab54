import Storage

/// What a connection knows of the transaction that it runs.
struct TransactionState {
    enum Mode {
        /// None of ours: a lent connection.
        case none
        case read
        case write
    }

    enum Commit {
        case done
        /// The connection was lost before the answer came; the server may know what became of the transaction.
        case unknown(transaction: Int64)
    }

    var mode = Mode.none
    /// `BEGIN`, `SAVEPOINT` and `RELEASE` that go with the next statement.
    var pending: [String] = []
    /// Savepoints around what runs.
    var depth = 0
    /// The server has been told to begin.
    var hasBegun = false
    /// The error that ended the transaction on the server, unless a savepoint undid it.
    var failure: StorageError?
    var commit: Commit?
    /// Nobody knows whether it was committed.
    var isUnknowable = false

    static let savepoint = "SAVEPOINT plue_nested"
    static let release = "RELEASE SAVEPOINT plue_nested"
    static let rollbackToSavepoint = "ROLLBACK TO SAVEPOINT plue_nested"
}

/// How an attempt to run a transaction ended.
enum Attempt<R: Sendable>: Sendable {
    case done(R)
    /// The body ended well, but not even the server's answer to COMMIT arrived.
    case unknown(R, transaction: Int64)
    /// The connection had ended before: another one is to be taken.
    case stale
    /// Run it again.
    case retry(StorageError)
    case failed(any Error)
}
