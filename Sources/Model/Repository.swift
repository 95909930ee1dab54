public import Storage

/// A repository whose workflows run.
public struct Repository: Sendable {
    public var id: RepositoryID
    /// The top folder of a local repository.
    public var location: String
    public var owner: String
    public var name: String
    public var defaultBranch: String
    public var organizationID: Int64?

    public var fullName: String { "\(owner)/\(name)" }

    public init(id: RepositoryID, location: String, owner: String, name: String, defaultBranch: String) {
        self.id = id
        self.location = location
        self.owner = owner
        self.name = name
        self.defaultBranch = defaultBranch
    }

    public init(_ row: Row) throws(StorageError) {
        id = ID(try row["id"])
        location = try row["location"]
        owner = try row["owner"]
        name = try row["name"]
        defaultBranch = try row["default_branch"]
        organizationID = try row["organization_id"]
    }
}
