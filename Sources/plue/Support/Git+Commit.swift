/// What `git log` says of a commit.
struct GitCommit: Sendable {
    struct Person: Sendable {
        var name: String
        var email: String
    }

    /// The first one; nil for a commit without any.
    var parent: String?
    var tree: String
    var author: Person
    var committer: Person
    /// ISO 8601, in the committer's zone.
    var timestamp: String
    /// Without line breaks at its end.
    var message: String
}

extension Git {
    /// The commit that is checked out; nil before the first one.
    func headCommit() async throws -> GitCommit? {
        guard let commit else { return nil }
        let format = "--format=%P%x00%T%x00%an%x00%ae%x00%cn%x00%ce%x00%cI%x00%B"
        let answer = try await Git.run(
            root, ["log", "-1", "--no-show-signature", "--encoding=UTF-8", format, commit, "--"])
        let parts = answer.output.split(separator: "\0", maxSplits: 7, omittingEmptySubsequences: false)
            .map(String.init)
        guard answer.code == 0, parts.count == 8 else { return nil }
        var message = Substring(parts[7])
        while message.last?.isNewline == true { message.removeLast() }
        return GitCommit(
            parent: parts[0].split(separator: " ").first.map(String.init), tree: parts[1],
            author: GitCommit.Person(name: parts[2], email: parts[3]),
            committer: GitCommit.Person(name: parts[4], email: parts[5]), timestamp: parts[6],
            message: String(message))
    }
}
