import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue runner group list`
struct RunnerGroupListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "The groups of runners.")

    @OptionGroup var options: DatabaseOptions
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() async throws {
        let services = try await Database.open(options.database, absent: .empty)
        let groups = try await services.runners.groups(by: Caller.principal)
        await services.backend.close()
        if json {
            for group in groups { Standard.line(Self.record(group)) }
        } else {
            let heading = ["ID", "NAME", "ORGANIZATION", "VISIBILITY", "PUBLIC", "REPOSITORIES", "WORKFLOWS"]
            Standard.output(Table(heading).text(groups.map(Self.row)))
        }
    }

    private static func row(_ group: RunnerGroup) -> [String] {
        let workflows = group.selectedWorkflows.map(\.text).joined(separator: ", ")
        return [
            "\(group.id)", group.name, group.organizationID.map { "\($0)" } ?? "", group.visibility.rawValue,
            group.allowsPublicRepositories ? "yes" : "no",
            group.visibility == .selected ? "\(group.repositories.count)" : "",
            group.restrictedToWorkflows ? workflows : "",
        ]
    }

    private static func record(_ group: RunnerGroup) -> String {
        ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("id", .number(Double(group.id.rawValue))), ("name", .string(group.name)),
                ("organization", group.organizationID.map { .number(Double($0)) } ?? .null),
                ("visibility", .string(group.visibility.rawValue)),
                ("allows_public_repositories", .boolean(group.allowsPublicRepositories)),
                ("restricted_to_workflows", .boolean(group.restrictedToWorkflows)),
                (
                    "selected_workflows",
                    .array(ExpressionArray(group.selectedWorkflows.map { .string($0.text) }))
                ),
                (
                    "repositories",
                    .array(ExpressionArray(group.repositories.sorted().map { .number(Double($0.rawValue)) }))
                ),
            ])
        ).json(pretty: false)
    }
}
