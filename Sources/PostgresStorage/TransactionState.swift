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
        case unknown(transaction: TransactionNumber)
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

/// What a transaction is asked for by: its number, which is one of the server's present life. A server that falls loses
/// the numbers that it had not written down, and gives them again to others.
struct TransactionNumber: Sendable {
    var number: Int64
    var life: String

    /// When it was started, and when it last recovered from a fall: then it begins its statistics anew.
    static let lifeSQL =
        "extract(epoch FROM pg_postmaster_start_time())::text || ' '"
        + " || coalesce(extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time())::text, '')"

    /// Its number, NULL when it wrote nothing, and the server's life.
    static let ownSQL = "SELECT pg_current_xact_id_if_assigned(), \(lifeSQL)"

    /// The same on a connection that knows the server's life, which both share.
    static let knownSQL = "SELECT pg_current_xact_id_if_assigned()"
    static let knownName = "plue_transaction"

    /// What became of a transaction. In another life its number may be somebody else's, unless recovery knew it already:
    /// a recovery ends with a checkpoint, at rest, that says the first number that is free.
    static let fateSQL = """
        SELECT CASE WHEN life = $2::text THEN pg_xact_status($1::xid8)
            WHEN NOT is_recovery THEN 'unknown'
            WHEN $1::text::bigint >= next THEN 'aborted'
            ELSE pg_xact_status($1::xid8) END AS fate
        FROM (SELECT \(lifeSQL) AS life,
            redo_lsn = checkpoint_lsn
                AND timeline_id = ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint
                AS is_recovery,
            split_part(next_xid, ':', 1)::bigint * 4294967296 + split_part(next_xid, ':', 2)::bigint AS next
        FROM pg_control_checkpoint()) AS control
        """
}

/// How an attempt to run a transaction ended.
enum Attempt<R: Sendable>: Sendable {
    case done(R)
    /// The body ended well, but not even the server's answer to COMMIT arrived.
    case unknown(R, transaction: TransactionNumber)
    /// The connection had ended before: another one is to be taken.
    case stale
    /// Run it again.
    case retry(StorageError)
    case failed(any Error)
}
