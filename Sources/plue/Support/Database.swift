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

    /// What a command does where there is no file yet.
    enum Absence {
        /// It makes one, as it has something to write.
        case made
        /// It is as good as an empty one, which is not written.
        case shownEmpty
        /// So is the default one; one that was named is refused.
        case empty
        case refused
    }

    /// Opens it as it is. Throws ``CommandError``.
    init(_ url: String?, absent: Absence = .made) async throws {
        // A job that asks is one of a database that is there, most likely not of the one that its user would have.
        let absent = Caller.isJob ? .refused : absent
        let named = url ?? Directories.variable("PLUE_DATABASE")
        let url = named ?? Self.defaultURL
        do {
            if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
                backend = try await PostgresStorage.open(url, options: Self.postgresOptions)
                migrations = Migrations.postgres
                path = nil
            } else {
                var file = try Self.path(url)
                if absent != .made, file != ":memory:", !Files.exists(file) {
                    guard absent == .shownEmpty || absent == .empty && named == nil else {
                        throw CommandError(
                            ExitStatus.usage,
                            "there is no database at \(file); `\(Hint.command("run"))` makes one there, "
                                + "or give another with --database")
                    }
                    file = ":memory:"
                }
                if absent == .made { try Self.makeFolder(of: file) }
                path = file
                backend = try SQLiteStorage.open(path: file)
                migrations = Migrations.sqlite
            }
        } catch let error as StorageError {
            throw CommandError(ExitStatus.engine, error.message)
        }
    }

    /// What a command does with the root key, which opens secrets and seals the audit log.
    enum Keys {
        case unused
        /// It may do without.
        case offered
        /// Its calls ask for it, where they need it, once they were asked who may.
        case asked
        /// It is proven where the database has one, and missed where secrets are stored.
        case proven
        /// The same; without any place of it the command is refused.
        case required
    }

    /// The services on it, once its schema is this program's; a job that gives the command is known from
    /// then on. `preparesMonths` as in ``Services/open(_:migrations:keyring:preparesMonths:)``. Throws as
    /// ``KeyService/check()``.
    func services(keys: Keys = .unused, preparesMonths: Bool = true) async throws -> Services {
        // The user's own key, made when it is first needed, is for the embedded database.
        let standard = path == nil ? nil : RootKeyOrigin.file(Directories.rootKey)
        let named = keys == .unused ? nil : try RootKeySettings.origin()
        // The database may be elsewhere, and this the first that stands in the folder.
        if keys == .required || keys == .proven || keys == .asked, named == nil, standard != nil {
            try Self.makeFolder(of: Directories.rootKey)
        }
        let unnamed = keys == .asked ? standard ?? .absent(RootKeySettings.hint) : standard
        let origin = keys == .unused ? nil : named ?? unnamed
        let services = try await Services.open(
            backend, migrations: migrations, keyring: origin.map { SecretKeyring($0) },
            preparesMonths: preparesMonths)
        switch keys {
        case .unused, .offered, .asked: break
        case .required where origin == nil: throw RootKeySettings.missing
        case .required: try await services.keys?.check()
        case .proven:
            if origin == nil, try await services.hasSecrets() { throw RootKeySettings.missing }
            try await services.keys?.check()
        }
        try await Caller.authenticate(services)
        return services
    }

    /// Opens and migrates it, and ends runs whose runner is gone. Throws ``CommandError``.
    static func open(_ url: String?, absent: Absence = .made, keys: Keys = .unused) async throws -> Services {
        let database = try await Database(url, absent: absent)
        do {
            let services = try await database.services(keys: keys)
            try await endLostRunners(services)
            return services
        } catch let error as StorageError {
            throw CommandError(ExitStatus.engine, error.message)
        }
    }

    /// Opens it as ``open(_:absent:keys:)``, and closes it whatever comes of `body`.
    static func use<R>(
        _ url: String?, absent: Absence = .made, keys: Keys = .unused, _ body: (Services) async throws -> R
    ) async throws -> R {
        let services = try await open(url, absent: absent, keys: keys)
        do {
            let result = try await body(services)
            await services.backend.close()
            return result
        } catch {
            await services.backend.close()
            throw error
        }
    }

    /// Ends runs whose process is gone; again by commands that wait for a run of another process.
    static func endLostRunners(_ services: Services) async throws {
        try await LostRunners.end(services, workDirectory: Directories.work)
        ServerLock.clearLost(directory: Directories.runners, workDirectory: Directories.work)
    }

    /// A command needs few connections. `PLUE_ALLOW_FSYNC_OFF` lets it use a server that a power cut can destroy.
    private static var postgresOptions: PostgresOptions {
        var options = PostgresOptions()
        options.maxConnections = 4
        options.allowsUnsafeServer = Directories.variable("PLUE_ALLOW_FSYNC_OFF") == "1"
        return options
    }

    /// The file of `sqlite:PATH` or a bare path.
    private static func path(_ url: String) throws -> String {
        let path = url.hasPrefix("sqlite:") ? String(url.dropFirst("sqlite:".count)) : url
        // A bare path has neither: an address that was mistyped would become a file.
        guard !path.isEmpty, url.hasPrefix("sqlite:") || !path.contains(where: { $0 == ":" || $0 == "=" }) else {
            // Of one that may hold a password nothing is shown.
            let shown = path.contains { $0 == "@" || $0 == "=" } ? "the database's address" : url
            throw CommandError(ExitStatus.usage, "\(shown): expected sqlite:PATH or postgres://USER@HOST/DATABASE")
        }
        return path == ":memory:" ? path : Directories.absolute(path)
    }

    /// The file of an embedded database; nil for a server's.
    static func file(of url: String?) throws -> String? {
        let url = url ?? Directories.variable("PLUE_DATABASE") ?? defaultURL
        return url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") ? nil : try path(url)
    }

    private static func makeFolder(of file: String) throws {
        guard file != ":memory:", let slash = file.lastIndex(of: "/"), slash != file.startIndex else { return }
        do {
            try Files.makeDirectory(String(file[..<slash]))
        } catch {
            throw CommandError(ExitStatus.engine, error.message)
        }
    }
}
