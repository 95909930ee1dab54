/// Where a role holds.
public enum RoleScope: Sendable, Hashable, CustomStringConvertible {
    case repository(RepositoryID)
    /// All repositories of that organization, and what is its own.
    case organization(Int64)
    /// Everything that is stored.
    case installation

    public var description: String {
        switch self {
        case .repository(let id): "repository \(id)"
        case .organization(let id): "organization \(id)"
        case .installation: "the installation"
        }
    }
}
