internal import Execution
internal import Migrations
internal import PostgresStorage
internal import SQLiteStorage
internal import Services
internal import Storage

/// The database that a command works on: `sqlite:PATH`, or a connection string of PostgreSQL.
struct Database {
    static let defaultURL = "sqlite:\(Directories.data)/plue.db"

    let backend: any StorageBackend
    let migrations: [Migration]
    /// Of an embedded database.
    let path: String?

    /// `0003_secrets`
    var newestMigration: String { migrations.last?.identifier ?? "" }

    /// Opens it as it is. Throws ``CommandError``.
    init(_ url: String?) async throws {
        let url = url ?? Directories.variable("PLUE_DATABASE") ?? Self.defaultURL
        do {
            if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
                backend = try await PostgresStorage.open(url, options: Self.postgresOptions)
                migrations = Migrations.postgres
                path = nil
            } else {
                let file = try Self.path(url)
                path = file
                backend = try SQLiteStorage.open(path: file)
                migrations = Migrations.sqlite
            }
        } catch let error as StorageError {
            throw CommandError(ExitStatus.engine, error.message)
        }
    }

    /// The services on it, once its schema is this program's.
    func services() async throws -> Services {
        try await Services.open(backend, migrations: migrations)
    }

    /// Opens and migrates it, and ends runs whose runner is gone. Throws ``CommandError``.
    static func open(_ url: String?) async throws -> Services {
        let database = try await Database(url)
        do {
            let services = try await database.services()
            try await endLostRunners(services)
            return services
        } catch let error as StorageError {
            throw CommandError(ExitStatus.engine, error.message)
        }
    }

    /// Ends runs whose process is gone; again by commands that wait for a run of another process.
    static func endLostRunners(_ services: Services) async throws {
        try await LostRunners.end(services, workDirectory: Directories.work)
    }

    /// A command needs few connections. `PLUE_ALLOW_FSYNC_OFF` lets it use a server that a power cut can destroy.
    private static var postgresOptions: PostgresOptions {
        var options = PostgresOptions()
        options.maxConnections = 4
        options.allowsUnsafeServer = Directories.variable("PLUE_ALLOW_FSYNC_OFF") == "1"
        return options
    }

    /// The file of `sqlite:PATH` or a bare path, its folder made.
    private static func path(_ url: String) throws -> String {
        let path = url.hasPrefix("sqlite:") ? String(url.dropFirst("sqlite:".count)) : url
        // A bare path has neither: an address that was mistyped would become a file.
        guard !path.isEmpty, url.hasPrefix("sqlite:") || !path.contains(where: { $0 == ":" || $0 == "=" }) else {
            throw CommandError(ExitStatus.usage, "\(url): expected sqlite:PATH or postgres://USER@HOST/DATABASE")
        }
        if path == ":memory:" { return path }
        let absolute = Directories.absolute(path)
        if let slash = absolute.lastIndex(of: "/"), slash != absolute.startIndex {
            do {
                try Files.makeDirectory(String(absolute[..<slash]))
            } catch {
                throw CommandError(ExitStatus.engine, error.message)
            }
        }
        return absolute
    }
}
