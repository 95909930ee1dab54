internal import Migrations
internal import PostgresStorage
internal import SQLiteStorage
internal import Services
internal import Storage

/// The one place that names the drivers.
struct OpenDatabase {
    let backend: any StorageBackend
    let migrations: [Migration]
    let keyring: SecretKeyring?

    /// Throws ``ActionsError`` or ``StorageError``.
    init(_ url: String, _ options: ActionsOptions) async throws {
        keyring = options.keyFile.map { SecretKeyring.file($0) }
        if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
            var settings = PostgresOptions()
            settings.maxConnections = options.maximumConnections
            settings.schema = options.schema
            settings.allowsUnsafeServer = options.allowsUnsafeServer
            backend = try await PostgresStorage.open(url, options: settings)
            migrations = Migrations.postgres
        } else if url.hasPrefix("sqlite:"), url.utf8.count > "sqlite:".utf8.count {
            let settings = SQLiteOptions(
                durability: options.isDurable ? .full : .normal, readers: options.maximumConnections)
            backend = try SQLiteStorage.open(path: String(url.dropFirst("sqlite:".count)), options: settings)
            migrations = Migrations.sqlite
        } else {
            throw ActionsError(
                .invalidInput, "the database's address", "expected sqlite:PATH or postgres://USER@HOST/DATABASE")
        }
    }
}
