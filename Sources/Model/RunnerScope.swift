/// Whose jobs a runner may take.
public enum RunnerScope: Sendable, Hashable {
    case repository(RepositoryID)
    /// Of all repositories of that organization.
    case organization(Int64)
    case global
}
