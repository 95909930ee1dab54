import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue environment`: what jobs must meet before they deploy.
struct EnvironmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "environment",
        abstract: "Rules of the environments that jobs deploy to: list, set, delete.",
        discussion: """
            A job names its environment with `environment:`. One without rules holds nobody. `plue approve` lists what \
            waits and lets it in.
            """,
        subcommands: [EnvironmentListCommand.self, EnvironmentSetCommand.self, EnvironmentDeleteCommand.self])
}

/// `plue environment list`
struct EnvironmentListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The environments of a repository that have rules.")

    @OptionGroup var place: RepositoryOptions
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() async throws {
        let services = try await Database.open(place.history.database, absent: .empty)
        let repository = try await place.find(services)
        let environments = try await services.environments.list(in: repository, by: Caller.principal)
        await services.backend.close()
        if json {
            for environment in environments { Standard.line(Self.record(environment)) }
        } else if environments.isEmpty {
            Standard.errorLine("no environment of the repository has rules")
        } else {
            let rows = environments.map { environment in
                let rules = environment.rules
                return [
                    environment.name, rules.reviewers.joined(separator: ", "),
                    rules.waitMinutes == 0 ? "" : "\(rules.waitMinutes) min",
                    rules.refs.map { "\($0.kind.rawValue) \($0.pattern)" }.joined(separator: ", "),
                    rules.preventsSelfReview ? "no" : "yes",
                ]
            }
            Standard.output(Table(["NAME", "REVIEWERS", "WAIT", "MAY DEPLOY", "SELF-REVIEW"]).text(rows))
        }
    }

    private static func record(_ environment: DeploymentEnvironment) -> String {
        func list(_ texts: [String]) -> ExpressionValue { .array(ExpressionArray(texts.map { .string($0) })) }
        let rules = environment.rules
        func patterns(_ kind: EnvironmentRules.RefPattern.Kind) -> ExpressionValue {
            list(rules.refs.filter { $0.kind == kind }.map(\.pattern))
        }
        return ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("repository", .number(Double(environment.repositoryID.rawValue))),
                ("name", .string(environment.name)), ("reviewers", list(rules.reviewers)),
                ("wait_minutes", .number(Double(rules.waitMinutes))), ("branches", patterns(.branch)),
                ("tags", patterns(.tag)), ("prevents_self_review", .boolean(rules.preventsSelfReview)),
                ("updated_at", .string(environment.updatedAt.iso8601)),
            ])
        ).json(pretty: false)
    }
}

/// `plue environment set`
struct EnvironmentSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Make an environment, or change its rules; what is not given stays.")

    @OptionGroup var place: RepositoryOptions
    @Argument(help: "The environment's name.") var name: String
    @Option(help: "Somebody who may approve; repeat it for more: together they take the place of all others.")
    var reviewer: [String] = []
    @Flag(help: "Nobody has to approve.") var noReviewers = false
    @Option(help: "Minutes that every job waits: 0 to 43200.") var wait: Int64?
    @Option(help: "A branch, or a pattern as in on.push.branches, that may deploy; repeat it, as above.")
    var branch: [String] = []
    @Option(help: "The same of tags.") var tag: [String] = []
    @Flag(help: "Every branch and tag may deploy.") var anyRef = false
    @Flag(inversion: .prefixedNo, help: "Who started the run may approve it (this is so until it is forbidden).")
    var selfReview: Bool?

    mutating func validate() throws {
        if noReviewers, !reviewer.isEmpty { throw ValidationError("--no-reviewers goes without --reviewer") }
        if anyRef, !branch.isEmpty || !tag.isEmpty {
            throw ValidationError("--any-ref goes without --branch and --tag")
        }
    }

    mutating func run() async throws {
        let services = try await Database.open(place.history.database)
        let repository = try await place.findOrStore(services)
        let (reviewers, wait, selfReview) = (reviewer, wait, selfReview)
        let (noReviewers, anyRef) = (noReviewers, anyRef)
        let refs =
            branch.map { EnvironmentRules.RefPattern(.branch, $0) } + tag.map { EnvironmentRules.RefPattern(.tag, $0) }
        try await services.environments.set(name, in: repository, by: Caller.principal) { rules in
            if noReviewers || !reviewers.isEmpty { rules.reviewers = reviewers }
            if anyRef || !refs.isEmpty { rules.refs = refs }
            if let wait { rules.waitMinutes = wait }
            if let selfReview { rules.preventsSelfReview = !selfReview }
        }
        await services.backend.close()
    }
}

/// `plue environment delete`
struct EnvironmentDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Take the rules away; jobs that wait for them fail.")

    @OptionGroup var place: RepositoryOptions
    @Argument(help: "The environment's name.") var name: String

    mutating func run() async throws {
        let services = try await Database.open(place.history.database, absent: .empty)
        let repository = try await place.find(services)
        try await services.environments.delete(name, in: repository, by: Caller.principal)
        await services.backend.close()
    }
}
