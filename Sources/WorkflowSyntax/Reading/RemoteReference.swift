/// `OWNER/NAME[/PATH]@REF`: a folder or file of another repository.
public struct RemoteReference: Sendable, Equatable {
    /// `OWNER/NAME`
    public var repository: String
    /// Empty for the top of the repository.
    public var path: String
    public var ref: String

    /// Nil for a text that is none.
    public init?(_ text: String) {
        guard let at = text.lastIndex(of: "@") else { return nil }
        let parts = text[..<at].split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        ref = String(text[text.index(after: at)...])
        guard parts.count >= 2, !parts[0].isEmpty, !parts[1].isEmpty, !ref.isEmpty, parts[0] != "." else { return nil }
        // Whatever is the top of the repository here, the path does not leave it.
        guard !text[..<at].split(separator: "/").contains("..") else { return nil }
        repository = "\(parts[0])/\(parts[1])"
        path = parts.count > 2 ? String(parts[2]) : ""
    }

    /// That of a workflow file of another repository. A file of the run's own repository may have an `@` in its name.
    public init?(file: String) {
        self.init(file)
        guard path.hasPrefix(".github/workflows/") else { return nil }
    }

    /// Another path of the same repository at the same ref.
    public func text(path: String) -> String {
        "\(repository)/\(path)@\(ref)"
    }
}
