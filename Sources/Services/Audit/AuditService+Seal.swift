internal import Cryptography
internal import Hashing
internal import Model
internal import QueryBuilder
internal import Storage

extension AuditService {
    /// Rows of one batch; a transaction seals as many at most.
    static let sealBatch = 1_000
    /// How late a row's commit may be before verification takes the row for one that was put in afterwards.
    static let lateness = Duration.seconds(600)

    /// What a call sealed.
    public struct Sealed: Sendable {
        /// Rows that became leaves.
        public var rows = 0
        /// The newest checkpoint, also when nothing was to seal; nil while there is none.
        public var checkpoint: SignedNote?
        /// Another process seals just now: nothing was done, or not all.
        public var isBusy = false
    }

    /// Whether rows can be sealed: there is a keyring.
    public var canSeal: Bool { services.keyring != nil }

    /// Whether a row may wait to be sealed, by one statement that reads two ends of indexes. A row that was committed late,
    /// behind sealed ones, is not seen: `recentMinutes` finds it.
    public func hasUnsealed() async throws -> Bool {
        let query = Select(
            "(SELECT max(id) FROM actions_audit_log) AS newest",
            "(SELECT max(audit_id) FROM actions_audit_leaves) AS sealed"
        )
        return try await services.backend.read { db in
            let row = try db.one(query)
            let (newest, sealed): (Int64?, Int64?) = (try row["newest"], try row["sealed"])
            return (newest ?? 0) > (sealed ?? 0)
        }
    }

    /// Seals what is committed, in batches, each a transaction that adds leaves and a signed checkpoint. One process at a
    /// time: the others find it busy and do nothing. Writers of the log wait for nothing but SQLite's one writer.
    ///
    /// Throws ``ServiceError`` `invalid_input` without a root key, `conflict` when the newest checkpoint is not what was
    /// signed or no row of the keys opens; ``CryptographyError``, ``StorageError``.
    public func seal(_ depth: SealDepth = .complete) async throws -> Sealed {
        guard let keyring = services.keyring else { throw Self.noKey }
        var result = Sealed()
        while true {
            let batch = try await services.transaction { db, _ in
                try AuditSealing(keyring: keyring, depth: depth).seal(on: db)
            }
            guard let batch else {
                result.isBusy = true
                return result
            }
            result.rows += batch.rows
            result.checkpoint = batch.checkpoint ?? result.checkpoint
            if batch.rows < Self.sealBatch { return result }
        }
    }

    /// The key that checkpoints are checked with, proven by the root key; nil before anything was sealed. Throws
    /// ``ServiceError`` `invalid_input` without a root key.
    public func key() async throws -> NoteKey? {
        guard let keyring = services.keyring else { throw Self.noKey }
        return try await services.backend.read { db in try AuditKeys(keyring, on: db)?.newest.note }
    }

    static let noKey = ServiceError(
        .invalidInput, "the audit log",
        "it cannot be sealed without a root key: name its file in PLUE_KEY_FILE; rows are written all the same")
}
