internal import WorkflowSyntax

/// Which files an event changed, as path filters look at them. Nil: not known, and workflows run.
extension Git {
    /// `body` is the one that the user gives. Without one a push is the last commit and a pull request what the branch
    /// has beyond the default branch, each with what is not committed yet.
    func changedFiles(of event: String, _ body: ExpressionValue?, defaultBranch: String) async throws -> [String]? {
        guard commit != nil else { return nil }
        switch event {
        case "push": return try await pushed(body, defaultBranch: defaultBranch)
        case "pull_request", "pull_request_target":
            if body?.value(at: "pull_request", "base", "sha") != nil {
                guard let base = Self.commit(body?.text(at: "pull_request", "base", "sha")),
                    let head = Self.commit(body?.text(at: "pull_request", "head", "sha"))
                else { return nil }
                return try await differing(["\(base)...\(head)"])
            }
            let branch = body?.text(at: "pull_request", "base", "ref") ?? defaultBranch
            // To the working tree, so that what is not committed yet is among them.
            for ref in ["refs/remotes/origin/\(branch)", "refs/heads/\(branch)"] {
                if let files = try await differing(["--merge-base", ref]) { return files }
            }
            return nil
        default: return nil
        }
    }

    private func pushed(_ body: ExpressionValue?, defaultBranch: String) async throws -> [String]? {
        guard body?.value(at: "before") != nil || body?.value(at: "after") != nil else {
            if let files = Self.files(ofCommits: body) { return files }
            guard let last = try await differing(["HEAD~1", "HEAD"]), let open = try await differing(["HEAD"]) else {
                return nil
            }
            return Set(last + open).sorted()
        }
        if let before = Self.commit(body?.text(at: "before")), let after = Self.commit(body?.text(at: "after")) {
            if before.contains(where: { $0 != "0" }) {
                if let files = try await differing([before, after]) { return files }
            } else if let base = try await base(ofNewBranch: after, defaultBranch),
                let files = try await differing([base, after])
            {
                return files
            }
        }
        return Self.files(ofCommits: body)
    }

    /// Where a new branch left the default branch; the parent where it has nothing of its own.
    private func base(ofNewBranch head: String, _ defaultBranch: String) async throws -> String? {
        for ref in ["refs/remotes/origin/\(defaultBranch)", "refs/heads/\(defaultBranch)"] {
            let answer = try await Git.run(root, ["merge-base", ref, head])
            guard answer.code == 0 else { continue }
            let base = answer.output.trimmed
            return base == head ? "\(head)~1" : base
        }
        return nil
    }

    /// Nil when git does not know one of the commits.
    private func differing(_ what: [String]) async throws -> [String]? {
        let answer = try await Git.run(root, ["diff", "--name-only", "-z"] + what + ["--"])
        guard answer.code == 0 else { return nil }
        return answer.output.split(separator: "\0").map(String.init)
    }

    /// Only what can be nothing but the id of a commit is given to git.
    static func commit(_ text: String?) -> String? {
        guard let text, (7...64).contains(text.utf8.count), text.utf8.allSatisfy(isHexadecimal) else { return nil }
        return text
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// What the body itself says: `commits[].added`, `modified`, `removed`, which a webhook has and `github.event` not.
    private static func files(ofCommits body: ExpressionValue?) -> [String]? {
        guard case .array(let commits)? = body?.value(at: "commits"), !commits.elements.isEmpty else { return nil }
        var files: Set<String> = []
        for commit in commits.elements {
            let lists = ["added", "modified", "removed"].compactMap { commit.value(at: $0) }
            if lists.isEmpty { return nil }
            for case .array(let names) in lists { files.formUnion(names.elements.map(\.text)) }
        }
        return files.sorted()
    }
}
