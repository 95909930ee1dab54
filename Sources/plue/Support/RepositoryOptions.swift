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
}
