public import Model

/// A repository whose workflows run.
public struct Repository: Sendable, Hashable {
    public var id: RepositoryID
    public var owner: String
    public var name: String
    public var defaultBranch: String
    public var organizationID: Int64?

    init(_ repository: Model.Repository) {
        id = repository.id
        owner = repository.owner
        name = repository.name
        defaultBranch = repository.defaultBranch
        organizationID = repository.organizationID
    }
}
