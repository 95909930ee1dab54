/// A workflow file that a runner group names: `OWNER/NAME/.github/workflows/FILE@REF`.
public struct SelectedWorkflow: Sendable, Hashable {
    /// `OWNER/NAME`
    public var repository: String
    public var path: String
    /// A branch, a tag (short or as `refs/…`) or a commit.
    public var ref: String

    public init(repository: String, path: String, ref: String) {
        self.repository = repository
        self.path = path
        self.ref = ref
    }

    public var text: String { "\(repository)/\(path)@\(ref)" }
}
