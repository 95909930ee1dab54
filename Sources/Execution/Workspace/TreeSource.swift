/// The working tree that jobs get a copy of: its folder, and the files in it that are not ignored.
public struct TreeSource: Sendable {
    /// The top folder of the repository.
    public var root: String
    /// The folder that holds objects and references (`git rev-parse --git-common-dir`), absolute.
    public var gitDirectory: String
    /// Paths relative to the root.
    public var files: [String]
    /// The same of files whose names are not UTF-8.
    public var rawFiles: [[UInt8]] = []
    /// `refs/heads/main`, and the commit; of a repository without a commit the commit is nil.
    public var ref: String
    public var commit: String?

    public init(root: String, gitDirectory: String, files: [String], ref: String, commit: String?) {
        self.root = root
        self.gitDirectory = gitDirectory
        self.files = files
        self.ref = ref
        self.commit = commit
    }
}
