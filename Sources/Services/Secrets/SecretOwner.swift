internal import Cryptography
public import Model
internal import QueryBuilder
public import Storage

/// Whose secret it is. For a job a secret of its environment goes before one of its repository, and that before one of
/// its organization.
public enum SecretOwner: Sendable, Hashable {
    case repository(RepositoryID)
    case environment(RepositoryID, String)
    case organization(Int64)

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

    /// That owner's rows of `actions_secrets`.
    var condition: SQL {
        switch self {
        case .organization(let id): "organization_id = \(id)"
        case .repository(let id): "repository_id = \(id) AND environment = ''"
        case .environment(let id, _): "repository_id = \(id) AND environment = \(environment)"
        }
    }
}

/// Which repositories of the organization may use its secret.
public enum SecretVisibility: String, Sendable {
    case all
    /// Those that are not public.
    case `private`
    /// Those that it was granted to.
    case selected
}

/// What is told of a secret: never its value.
public struct SecretInfo: Sendable, Hashable {
    /// Upper-case.
    public var name: String
    public var version: Int64
    public var visibility: SecretVisibility
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
}
