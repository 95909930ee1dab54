/// What a job may do that has shown its token, as long as the claim lives: found by the token, never told by the caller.
public struct JobAuthority: Sendable, Hashable {
    /// The claim that the token ends with.
    public var token: JobToken
    public var repositoryID: RepositoryID
    /// `read` or `write` by scope; what is not there is not granted.
    public var permissions: [String: String]
    /// By which the audit log knows the token.
    public var tokenID: String

    package init(
        token: JobToken, repositoryID: RepositoryID, permissions: [String: String], tokenID: String
    ) {
        self.token = token
        self.repositoryID = repositoryID
        self.permissions = permissions
        self.tokenID = tokenID
    }
}
