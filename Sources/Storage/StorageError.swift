/// Why the storage refused or could not do something: what callers may decide on, what it concerns, and words for people.
public struct StorageError: Error, Sendable, Hashable {
    public enum Code: String, Sendable, Hashable {
        // The statement breaks a rule of the schema.
        /// A unique index or primary key; subject: `table.column, table.column` or the index.
        case unique
        /// A foreign key; no subject in SQLite, which does not say.
        case foreignKey
        /// A CHECK; subject: its name, or its expression if it has none.
        case check
        /// A NOT NULL; subject: `table.column`.
        case notNull
        /// No partition takes the row; subject: the table.
        case noPartition
        /// `RAISE` in a trigger; the message is the trigger's.
        case raised

        // The statement or its use is wrong.
        case syntax
        /// Subject: the table.
        case noSuchTable
        /// A value that the database cannot hold (a NaN, a NUL where none may be, a text that is too long).
        case invalidValue
        /// A value that cannot be read as the type asked for; subject: the column.
        case decoding
        /// A row that should exist does not.
        case missingRow
        /// A call that breaks this interface's rules, such as `COMMIT` inside a transaction's body.
        case misuse

        // Contention: retried by the backend, shown only after its deadline.
        /// Another connection or process held the lock until the deadline.
        case busy
        /// PostgreSQL 40001 or 40P01.
        case serialization

        // The environment.
        case full
        case io
        case readOnly
        case permission
        case corrupt
        case notADatabase
        case outOfMemory
        case connectionLost
        /// Closed, not started, or a library is missing.
        case unavailable
        /// No connection came free within the acquire timeout, or a statement ran longer than it may.
        case timeout
        /// The task was cancelled while it waited.
        case cancelled
        /// `interrupt()` stopped the statement.
        case interrupted

        // Migrations; subject: the migration.
        /// The database was migrated by a newer program.
        case newerSchema
        /// An applied migration's text differs from this program's.
        case migrationChanged
        /// The database has applied a migration that this program does not know, though it knows later ones.
        case migrationMissing
        /// A migration has not been applied although a later one has, or the list itself is not in order.
        case migrationOutOfOrder
        /// A migration's script failed; nothing of it was kept.
        case migrationFailed

        case other
    }

    public var code: Code
    /// The constraint, table, column, file or migration concerned, where known.
    public var subject: String?
    public var message: String

    public init(_ code: Code, subject: String? = nil, _ message: String) {
        self.code = code
        self.subject = subject
        self.message = message
    }

    /// A unique, foreign key, check or not-null rule was broken.
    public var isConstraint: Bool {
        switch code {
        case .unique, .foreignKey, .check, .notNull: true
        default: false
        }
    }

    /// The same transaction may succeed if it is run again.
    public var isRetryable: Bool { code == .busy || code == .serialization }

    /// It says nothing against what was asked for: the same may succeed at another time.
    public var isPassing: Bool {
        switch code {
        case .full, .io, .outOfMemory, .connectionLost, .unavailable, .timeout, .cancelled, .interrupted: true
        default: isRetryable
        }
    }
}

extension StorageError: CustomStringConvertible {
    public var description: String { message }
}
