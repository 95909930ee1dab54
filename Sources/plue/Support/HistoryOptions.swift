import ArgumentParser
internal import Execution
internal import Model
internal import Services
internal import Storage

/// Options of commands that look at stored runs.
struct HistoryOptions: ParsableArguments {
    @Option(help: "Where runs are stored: sqlite:PATH or postgres://…")
    var database: String?

    @Option(name: [.customShort("C"), .customLong("directory")], help: "Work in this folder.")
    var directory: String?

    /// The repository around the folder: nil outside of one, or when nothing of it was stored. For a job its own, wherever
    /// it stands: its workspace is another folder.
    func repository(_ services: Services) async throws -> Repository? {
        if directory == nil, let own = Caller.principal.authority?.repositoryID {
            return try await services.repositories.get(own, by: Caller.principal)
        }
        let folder = Directories.absolute(directory ?? ".")
        guard let root = RepositoryRoot.find(folder) else { return nil }
        return try await services.history.repository(location: root)
    }

    /// That run, or the newest of this repository, for who may read it.
    func run(_ id: Int64?, _ services: Services) async throws -> HistoryService.RunSummary {
        if let id {
            try await services.access.check(.runRead, .run(RunID(id)), by: Caller.principal)
            if let found = try await services.history.run(RunID(id)) { return found }
            throw CommandError(
                ExitStatus.usage, "run \(id): there is no such run; `\(Hint.command("runs"))` lists them")
        }
        // Never another repository's: `rerun` would execute it.
        var filter = HistoryService.Filter()
        filter.repository = try await repository(services)?.id
        guard filter.repository != nil,
            let newest = try await services.history.page(filter, limit: 1, by: Caller.principal).items.first
        else {
            throw CommandError(
                ExitStatus.usage, "there is no run yet in this repository; `\(Hint.command("run"))` makes one")
        }
        return newest
    }
}

/// The top folder of the repository around a folder, found without git: the first with a `.git`.
enum RepositoryRoot {
    /// Of the repository that holds the file.
    static func holding(_ file: String) -> String? {
        find(file.split(separator: "/").dropLast().map { "/\($0)" }.joined())
    }

    static func find(_ folder: String) -> String? {
        var folder = folder
        while !folder.isEmpty {
            if Files.exists("\(folder)/.git") { return folder }
            guard let slash = folder.lastIndex(of: "/") else { return nil }
            folder = String(folder[..<slash])
        }
        return nil
    }
}
