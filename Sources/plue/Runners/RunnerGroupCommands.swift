import ArgumentParser
internal import Model
internal import Services
internal import Storage

/// `plue runner group`: who may use which runners.
struct RunnerGroupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "group", abstract: "Groups of runners: which repositories and workflows may use them.",
        subcommands: [
            RunnerGroupListCommand.self, RunnerGroupCreateCommand.self, RunnerGroupSetCommand.self,
            RunnerGroupRepositoriesCommand.self, RunnerGroupRemoveCommand.self,
        ])
}

/// The group that a command is about.
struct RunnerGroupOptions: ParsableArguments {
    @OptionGroup var options: DatabaseOptions
    @Argument(help: "The group's name.") var name: String
    @Option(help: "The id of its organization, \(RunnerScopeOptions.organizationIDs) (default: of the installation).")
    var organization: Int64?

    func change(_ body: (Services, RunnerGroup) async throws -> Void) async throws {
        let services = try await Database.open(options.database, absent: .empty)
        try await body(
            services, try await services.runners.group(name, organization: organization, by: Caller.principal))
        await services.backend.close()
    }
}

/// Who may use a group.
struct RunnerGroupRules: ParsableArguments {
    @Option(help: "all, selected or private repositories.") var visibility: String?

    @Flag(inversion: .prefixedNo, help: "Whether public repositories may use it (default: no).")
    var allowPublic: Bool?

    @Option(help: "Only jobs of this file: OWNER/NAME/.github/workflows/FILE@REF; again for more.")
    var workflow: [String] = []

    @Flag(help: "Jobs of every file.") var anyWorkflow = false

    /// Throws ``CommandError``.
    func settings() throws -> RunnerGroupSettings {
        let kind = try visibility.map { text in
            guard let kind = RunnerGroup.Visibility(rawValue: text) else {
                throw CommandError(ExitStatus.usage, "--visibility \(text): expected all, selected or private")
            }
            return kind
        }
        guard workflow.isEmpty || !anyWorkflow else {
            throw CommandError(ExitStatus.usage, "--workflow and --any-workflow exclude each other")
        }
        return RunnerGroupSettings(
            visibility: kind, allowsPublicRepositories: allowPublic,
            selectedWorkflows: anyWorkflow ? [] : workflow.isEmpty ? nil : workflow)
    }
}

/// `plue runner group create`
struct RunnerGroupCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a group, for all repositories but public ones.")

    @OptionGroup var options: DatabaseOptions
    @Argument(help: "The group's name.") var name: String
    @Option(help: "The id of its organization, \(RunnerScopeOptions.organizationIDs) (default: of the installation).")
    var organization: Int64?
    @OptionGroup var rules: RunnerGroupRules

    mutating func run() async throws {
        let settings = try rules.settings()
        let services = try await Database.open(options.database)
        _ = try await services.runners.createGroup(
            name, organization: organization, settings: settings, by: Caller.principal)
        await services.backend.close()
    }
}

/// `plue runner group set`
struct RunnerGroupSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change who may use a group, from the next claim on; what is not given stays.")

    @OptionGroup var group: RunnerGroupOptions
    @OptionGroup var rules: RunnerGroupRules

    mutating func run() async throws {
        let settings = try rules.settings()
        guard
            settings.visibility != nil || settings.allowsPublicRepositories != nil || settings.selectedWorkflows != nil
        else {
            throw CommandError(
                ExitStatus.usage,
                "nothing to change: give --visibility, --allow-public, --workflow or --any-workflow; "
                    + "`\(Hint.command("runner group list"))` shows what holds")
        }
        try await group.change { services, group in
            _ = try await services.runners.updateGroup(group.id, settings: settings, by: Caller.principal)
        }
    }
}

/// `plue runner group repositories`
struct RunnerGroupRepositoriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repositories",
        abstract: "The repositories of a group of visibility 'selected', and changes of them.")

    @OptionGroup var group: RunnerGroupOptions
    @Option(help: "Add a repository: its id, OWNER/NAME or folder.") var add: [String] = []
    @Option(help: "Take a repository away, from the next claim on.") var remove: [String] = []

    mutating func run() async throws {
        let (add, remove) = (add, remove)
        try await group.change { services, group in
            var (added, removed): ([RepositoryID], [RepositoryID]) = ([], [])
            for text in add { added.append(try await RepositoryArgument.find(text, services)) }
            for text in remove { removed.append(try await RepositoryArgument.find(text, services)) }
            guard added.isEmpty, removed.isEmpty else {
                _ = try await services.runners.updateRepositories(
                    of: group.id, adding: added, removing: removed, by: Caller.principal)
                return
            }
            var rows: [[String]] = []
            for id in group.repositories.sorted() {
                let repository = try await services.repositories.get(id, by: Caller.principal)
                rows.append(["\(id)", repository.fullName])
            }
            Standard.output(Table(["ID", "REPOSITORY"]).text(rows))
        }
    }
}

/// `plue runner group remove`
struct RunnerGroupRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take a group away; its runners take the jobs of every repository of their scope then.")

    @OptionGroup var group: RunnerGroupOptions

    mutating func run() async throws {
        try await group.change { services, group in
            try await services.runners.removeGroup(group.id, by: Caller.principal)
        }
    }
}

/// `plue runner move`
struct RunnerMoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Put a runner into a group, from its next claim on.")

    @OptionGroup var runner: RunnerOptions
    @Argument(help: "The group's name, of the runner's organization or the installation (default: no group).")
    var group: String?

    mutating func run() async throws {
        let group = group
        try await runner.change { runners, id in
            let organization: Int64? =
                if case .organization(let own) = try await runners.get(id, by: Caller.principal).scope { own } else {
                    nil
                }
            var target: RunnerGroupID?
            if let group {
                target = try await runners.group(group, organization: organization, by: Caller.principal).id
            }
            _ = try await runners.move(id, to: target, by: Caller.principal)
        }
    }
}
