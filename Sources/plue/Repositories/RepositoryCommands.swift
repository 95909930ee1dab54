import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue repository`: the repositories whose workflows run, and what is set for them.
struct RepositoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repository", abstract: "The stored repositories and their settings: list, set.",
        subcommands: [RepositoryListCommand.self, RepositorySetCommand.self])
}

/// `plue repository list`
struct RepositoryListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Every repository, the newest first.")

    @OptionGroup var options: DatabaseOptions
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() async throws {
        let services = try await Database.open(options.database, absent: .empty)
        var rows: [[String]] = []
        var cursor: PageCursor<Repository>?
        repeat {
            let page = try await services.repositories.list(after: cursor, limit: 500, by: Caller.principal)
            cursor = page.next
            for repository in page.items {
                if json {
                    Standard.line(Self.record(repository))
                } else {
                    rows.append([
                        "\(repository.id)", repository.fullName, repository.defaultBranch,
                        repository.isArchived ? "archived" : "", repository.defaultWorkflowPermissions.rawValue,
                        repository.forkApproval.rawValue, repository.location,
                    ])
                }
            }
        } while cursor != nil
        await services.backend.close()
        if json { return }
        let heading = ["ID", "NAME", "BRANCH", "STATE", "TOKEN", "FORKS WAIT", "LOCATION"]
        Standard.output(Table(heading).text(rows))
    }

    private static func record(_ repository: Repository) -> String {
        ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("id", .number(Double(repository.id.rawValue))),
                ("name", .string(repository.fullName)), ("location", .string(repository.location)),
                ("default_branch", .string(repository.defaultBranch)), ("archived", .boolean(repository.isArchived)),
                ("default_workflow_permissions", .string(repository.defaultWorkflowPermissions.rawValue)),
                ("disables_idle_schedules", .boolean(repository.disablesIdleSchedules)),
                ("fork_approval", .string(repository.forkApproval.rawValue)),
            ])
        ).json(pretty: false)
    }
}

/// `plue repository set`
struct RepositorySetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change settings of a repository; what is not given stays.",
        discussion: "Without any setting: show those that hold.")

    @OptionGroup var place: RepositoryOptions
    @Option(
        help: ArgumentHelp(
            "Whose pull requests from forks wait for an approval: "
                + ForkApproval.allCases.map(\.rawValue).joined(separator: ", ") + "."))
    var forkApproval: String?
    @Option(help: "What tokens of jobs may do where files do not say: read or write.") var permissions: String?
    @Flag(inversion: .prefixedNo, help: "Its schedules do not fire.") var archived: Bool?
    @Flag(inversion: .prefixedNo, help: "Schedules are disabled when nothing else happened for 60 days.")
    var disableIdleSchedules: Bool?

    mutating func run() async throws {
        let policy = try Self.parse(forkApproval, "--fork-approval", ForkApproval.self)
        let rights = try Self.parse(permissions, "--permissions", Repository.DefaultWorkflowPermissions.self)
        guard policy != nil || rights != nil || archived != nil || disableIdleSchedules != nil else {
            return try await show()
        }
        let services = try await Database.open(place.history.database)
        let id = try await place.findOrStore(services)
        let (repositories, user) = (services.repositories, Caller.principal)
        if let policy { _ = try await repositories.setForkApproval(policy, of: id, by: user) }
        if let rights { _ = try await repositories.setDefaultWorkflowPermissions(rights, of: id, by: user) }
        if let archived { _ = try await repositories.setArchived(archived, of: id, by: user) }
        if let disableIdleSchedules {
            _ = try await repositories.setDisablesIdleSchedules(disableIdleSchedules, of: id, by: user)
        }
        await services.backend.close()
    }

    /// Each as the option that changes it is called.
    private func show() async throws {
        let services = try await Database.open(place.history.database, absent: .empty)
        let id = try await place.find(services, hint: "; a first run, or a setting, does that")
        let repository = try await services.repositories.get(id, by: Caller.principal)
        await services.backend.close()
        let rows = [
            ["fork-approval", repository.forkApproval.rawValue],
            ["permissions", repository.defaultWorkflowPermissions.rawValue],
            ["archived", repository.isArchived ? "yes" : "no"],
            ["disable-idle-schedules", repository.disablesIdleSchedules ? "yes" : "no"],
        ]
        Standard.output(Table(["SETTING", "OF \(repository.fullName.oneLine)"]).text(rows))
    }

    private static func parse<T: RawRepresentable & CaseIterable>(
        _ text: String?, _ option: String, _: T.Type
    ) throws -> T? where T.RawValue == String {
        guard let text else { return nil }
        if let value = T(rawValue: text) { return value }
        let words = T.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandError(ExitStatus.usage, "\(option) \(text): expected \(words)")
    }
}
