public import Storage

/// A role that a user was given: `actions_role_grants`.
public struct RoleGrant: Sendable, Hashable {
    public var id: Int64
    /// The login, as it was written; compared without regard to case.
    public var user: String
    public var role: Role
    public var scope: RoleScope
    public var grantedBy: String
    public var createdAt: Timestamp

    public init(_ row: Row) throws(StorageError) {
        id = try row["id"]
        user = try row["principal"]
        role = try row["role"]
        scope =
            if let repository = try row["repository_id"] as Int64? {
                .repository(ID(repository))
            } else if let organization = try row["organization_id"] as Int64? {
                .organization(organization)
            } else {
                .installation
            }
        grantedBy = try row["granted_by"]
        createdAt = try row["created_at"]
    }
}
