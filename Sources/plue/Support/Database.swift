internal import Execution
internal import Migrations
internal import SQLiteStorage
internal import Services
internal import Storage

/// Opens the database that a command works on.
enum Database {
    static let defaultURL = "sqlite:\(Directories.data)/plue.db"

    /// Opens and migrates it, and ends runs whose runner is gone. Throws ``CommandError``.
    static func open(_ url: String?) async throws -> Services {
        do {
            let backend = try backend(url ?? Directories.variable("PLUE_DATABASE") ?? defaultURL)
            try await Migrator(Migrations.sqlite).migrate(backend)
            let services = Services(backend: backend)
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

    private static func backend(_ url: String) throws -> SQLiteStorage {
        if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
            throw CommandError(ExitStatus.usage, "\(url): PostgreSQL is not supported yet; use sqlite:PATH")
        }
        let path = url.hasPrefix("sqlite:") ? String(url.dropFirst("sqlite:".count)) : url
        guard !path.isEmpty, url.hasPrefix("sqlite:") || !path.contains("://") else {
            throw CommandError(ExitStatus.usage, "\(url): expected sqlite:PATH")
        }
        if path == ":memory:" { return try SQLiteStorage.open(path: path) }
        let absolute = Directories.absolute(path)
        if let slash = absolute.lastIndex(of: "/"), slash != absolute.startIndex {
            do {
                try Files.makeDirectory(String(absolute[..<slash]))
            } catch {
                throw CommandError(ExitStatus.engine, error.message)
            }
        }
        return try SQLiteStorage.open(path: absolute)
    }
}
