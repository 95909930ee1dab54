/// Whose secret it is. For a job a secret of its environment goes before one of its repository, and that before one of
/// its organization.
public enum SecretOwner: Sendable, Hashable {
    case repository(RepositoryID)
    case environment(RepositoryID, String)
    case organization(Int64)
}

/// Which repositories of the organization may use its secret.
public enum SecretVisibility: String, Sendable {
    case all
    /// Those that are not public.
    case `private`
    /// Those that it was granted to.
    case selected
}
