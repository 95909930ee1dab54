import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue access list`
struct AccessListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Who has which role; with --repository or --organization, those that hold there."
    )

    @OptionGroup var options: DatabaseOptions
    @Option(help: "A repository: its id, OWNER/NAME or folder (default: everything).") var repository: String?
    @Option(help: "An organization, by its id.") var organization: Int64?
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() async throws {
        guard repository == nil || organization == nil else {
            throw CommandError(ExitStatus.usage, "--repository and --organization exclude each other")
        }
        let services = try await Database.open(options.database, absent: .empty)
        var scope = organization.map { RoleScope.organization($0) } ?? .installation
        if let repository { scope = .repository(try await RepositoryArgument.find(repository, services)) }
        let grants = try await services.access.list(holdingOn: scope, by: Caller.principal)
        let isEnforced = try await services.access.isEnforced()
        await services.backend.close()
        if json {
            for grant in grants { Standard.line(Self.record(grant)) }
        } else if !isEnforced {
            Standard.errorLine("nobody was granted a role: everybody may do everything")
        } else {
            let rows = grants.map { grant in
                [
                    grant.user, grant.role.rawValue, grant.scope.description,
                    "\(grant.createdAt.iso8601.prefix(19))Z", grant.grantedBy,
                ]
            }
            Standard.output(Table(["USER", "ROLE", "ON", "SINCE", "BY"]).text(rows))
        }
    }

    private static func record(_ grant: RoleGrant) -> String {
        var (repository, organization): (ExpressionValue, ExpressionValue) = (.null, .null)
        switch grant.scope {
        case .repository(let id): repository = .number(Double(id.rawValue))
        case .organization(let id): organization = .number(Double(id))
        case .installation: break
        }
        return ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("user", .string(grant.user)), ("role", .string(grant.role.rawValue)),
                ("repository", repository), ("organization", organization), ("granted_by", .string(grant.grantedBy)),
                ("created_at", .string(grant.createdAt.iso8601)),
            ])
        ).json(pretty: false)
    }
}
