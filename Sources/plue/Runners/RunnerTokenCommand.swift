import ArgumentParser
internal import Model
internal import Services
internal import Storage

/// Whose jobs a runner takes.
struct RunnerScopeOptions: ParsableArguments {
    @Option(help: "The repository whose jobs the runner takes, by its id (default: all).") var repositoryID: Int64?

    /// What such an id is: no verb makes one.
    static let organizationIDs = "a number that the embedding platform gives its repositories"

    @Option(
        name: .customLong("organization"),
        help: "The organization whose jobs the runner takes, by its id, \(Self.organizationIDs).")
    var organizationID: Int64?

    /// Throws ``CommandError``.
    func scope() throws -> RunnerScope {
        guard repositoryID == nil || organizationID == nil else {
            throw CommandError(ExitStatus.usage, "--repository-id and --organization exclude each other")
        }
        if let repositoryID { return .repository(RepositoryID(repositoryID)) }
        return organizationID.map { .organization($0) } ?? .global
    }
}

/// `plue runner token`
struct RunnerTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make a registration token: for one runner, within an hour; shown once.")

    @OptionGroup var options: DatabaseOptions
    @OptionGroup var owner: RunnerScopeOptions
    @Option(help: "The group that the runner belongs to.") var group: String?

    mutating func run() async throws {
        let scope = try owner.scope()
        let services = try await Database.open(options.database)
        Standard.line(
            try await services.runners.createRegistrationToken(scope: scope, group: group, by: Caller.principal))
        await services.backend.close()
    }
}
