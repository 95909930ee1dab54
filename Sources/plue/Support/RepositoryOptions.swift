import ArgumentParser
internal import Model
internal import Services

/// The repository that a command is about.
struct RepositoryOptions: ParsableArguments {
    @OptionGroup var history: HistoryOptions
    @Option(help: "A repository: its id, OWNER/NAME or folder (default: this one).") var repository: String?

    /// Throws ``CommandError`` when there is none; `hint` ends the message.
    func find(_ services: Services, hint: String = "") async throws -> RepositoryID {
        if let repository { return try await RepositoryArgument.find(repository, services) }
        if let here = try await history.repository(services) { return here.id }
        throw CommandError(ExitStatus.usage, "nothing of this repository is stored yet\(hint)")
    }

    /// The same for what is set before the first run: a working tree that is not known yet is made known. Throws
    /// ``CommandError`` where there is none.
    func findOrStore(_ services: Services) async throws -> RepositoryID {
        if let repository { return try await RepositoryArgument.find(repository, services, storing: true) }
        if let here = try await history.repository(services) { return here.id }
        let git = try await Git.read(Directories.absolute(history.directory ?? "."))
        return try await RepositoryArgument.store(git, services, by: Caller.principal).id
    }
}
