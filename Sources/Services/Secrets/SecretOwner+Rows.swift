internal import Cryptography
internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension SecretOwner {
    var repositoryID: RepositoryID? {
        switch self {
        case .repository(let id), .environment(let id, _): id
        case .organization: nil
        }
    }

    var organizationID: Int64? {
        if case .organization(let id) = self { id } else { nil }
    }

    /// The folded name; empty when it is not an environment's.
    var environment: String {
        if case .environment(_, let name) = self { name.lowercased() } else { "" }
    }

    /// For the audit log, beside its columns of repository and organization; of a row with `visibility`.
    func auditFields(_ row: Row) throws -> AuditEntry.Fields {
        if organizationID != nil { return [("visibility", .string(try row["visibility"]))] }
        return environment.isEmpty ? [] : [("environment", .string(environment))]
    }

    /// As the audit log names it among others.
    var scope: String {
        switch self {
        case .organization: "organization"
        case .repository: "repository"
        case .environment: "environment"
        }
    }

    /// Of a row with `repository_id`, `organization_id` and `environment`.
    init(_ row: Row) throws {
        let environment: String = try row["environment"]
        if let organization: Int64 = try row["organization_id"] {
            self = .organization(organization)
        } else if environment.isEmpty {
            self = .repository(ID(try row["repository_id"]))
        } else {
            self = .environment(ID(try row["repository_id"]), environment)
        }
    }

    /// How many secrets one owner has at most.
    var limit: Int {
        if case .organization = self { 1000 } else { 100 }
    }

    /// Where a sealed record belongs: moved to any other place it does not open.
    func address(_ name: String, version: Int64, installation: String) -> SecretAddress {
        switch self {
        case .repository(let id):
            SecretAddress(
                installID: installation, scope: .repository, scopeID: id.rawValue, name: name, version: version)
        case .environment(let id, _):
            SecretAddress(
                installID: installation, scope: .environment, scopeID: id.rawValue, name: "\(environment)/\(name)",
                version: version)
        case .organization(let id):
            SecretAddress(installID: installation, scope: .organization, scopeID: id, name: name, version: version)
        }
    }

    /// What is unique of its rows.
    var conflict: SQL {
        organizationID == nil
            ? "repository_id, environment, name) WHERE (repository_id IS NOT NULL"
            : "organization_id, name) WHERE (organization_id IS NOT NULL"
    }

    /// That owner's rows of `actions_secrets` or `actions_variables`.
    var condition: SQL {
        switch self {
        case .organization(let id): "organization_id = \(id)"
        case .repository(let id): "repository_id = \(id) AND environment = ''"
        case .environment(let id, _): "repository_id = \(id) AND environment = \(environment)"
        }
    }
}
