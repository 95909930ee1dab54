internal import Cryptography
internal import Migrations
internal import Model
internal import Services
internal import Storage

/// The data layer of a CI platform: workflows, runs, jobs, runners, logs, history, on SQLite or PostgreSQL.
///
///     let actions = try await Actions.open("sqlite:/var/lib/platform/actions.db")
///     try await actions.applyMigrations()
///
/// Every call names who acts. Each that changes something is one transaction and leaves its row in the audit log; what a
/// runner tells of its job leaves transitions instead. All errors are ``ActionsError``; after one nothing of the call was
/// stored.
public final class Actions: Sendable {
    let services: Services
    private let migrations: [Migration]

    init(_ database: OpenDatabase) {
        services = Services(backend: database.backend, keyring: database.keyring)
        migrations = database.migrations
    }

    /// Opens a database as it is: `sqlite:PATH`, `sqlite::memory:`, or `postgres://USER@HOST/DATABASE` and whatever else
    /// libpq takes after that. A SQLite file is made when it is not there; its folder must be.
    public static func open(_ url: String, options: ActionsOptions = ActionsOptions()) async throws -> Actions {
        try await mapped { Actions(try await OpenDatabase(url, options)) }
    }

    /// Brings the schema to this version; returns how many migrations were applied. Several processes may call it at
    /// once: one does the work.
    @discardableResult
    public func applyMigrations() async throws -> Int {
        try await Self.mapped { try await services.apply(migrations) }
    }

    /// The names of the tables that match a LIKE pattern: `actions_%`.
    public func tables(matching pattern: String) async throws -> [String] {
        try await Self.mapped { try await services.backend.read { db in try db.tables(matching: pattern) } }
    }

    /// The names of a table's indexes.
    public func indexes(of table: String) async throws -> [String] {
        try await Self.mapped { try await services.backend.read { db in try db.indexes(of: table).map(\.name) } }
    }

    /// Waits for what runs and closes every connection. Idempotent.
    public func close() async {
        await services.backend.close()
    }

    /// The same for a call by that principal, whose name goes into the audit log: 1 to 255 bytes without control
    /// characters, else `invalid_input`.
    static func mapped<R>(by principal: Principal, _ body: () async throws -> R) async throws -> R {
        try await mapped {
            try InputCheck.name(principal.name, "the principal's name", limit: 255)
            return try await body()
        }
    }

    /// The same for what the services read for whoever asks.
    func mapped<R>(
        _ action: AccessAction, _ target: AccessTarget, by principal: Principal, _ body: () async throws -> R
    ) async throws -> R {
        try await Self.mapped(by: principal) {
            try await services.access.check(action, target, by: principal)
            return try await body()
        }
    }

    /// Every error as ``ActionsError``.
    static func mapped<R>(_ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch {
            throw translated(error)
        }
    }

    static func translated(_ error: any Error) -> any Error {
        switch error {
        case let error as ServiceError: ActionsError(error)
        case let error as StorageError: ActionsError(error)
        case let error as CryptographyError: ActionsError(.unavailable, error.subject, error.message)
        case is ActionsError: error
        case is CancellationError: ActionsError(.cancelled, "the call", "the task was cancelled")
        default: ActionsError(.internal, "the call", "\(error)")
        }
    }
}
