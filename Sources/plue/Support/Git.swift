internal import Execution
internal import Glibc

/// What git says of a working tree. All questions are asked at once.
struct Git: Sendable {
    /// The top folder.
    var root: String
    var commonDirectory: String
    /// `refs/heads/main`, or the commit of a detached head.
    var ref: String
    /// Nil before the first commit.
    var commit: String?
    var isDirty: Bool
    /// Tracked and untracked files that are not ignored, relative to the root.
    var files: [String]
    /// Those whose names are not valid UTF-8.
    var rawFiles: [[UInt8]] = []
    var originURL: String?

    static let noCommit = String(repeating: "0", count: 40)

    /// Throws ``CommandError`` where there is no repository, or no git.
    static func read(_ directory: String) async throws -> Git {
        guard let place = GitDirectory.find(around: directory) else {
            throw CommandError(
                ExitStatus.engine,
                "\(directory) is not in a git repository: workflows run for a commit. Run `git init` there, or give "
                    + "another folder with -C")
        }
        async let statusAnswer = run(
            place.root, ["status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal"])
        async let filesAnswer = run(
            place.root, ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"])
        let status = try await statusAnswer
        let files = try await filesAnswer
        for answer in [status, files] where answer.code != 0 {
            throw CommandError(ExitStatus.engine, "git cannot read \(place.root): \(answer.error.trimmed)")
        }
        var git = Git(
            root: place.root, commonDirectory: place.common, ref: "refs/heads/main", commit: nil, isDirty: false,
            files: [], originURL: nil)
        for name in files.bytes.split(separator: 0) {
            if let text = String(validating: name, as: UTF8.self) {
                git.files.append(text)
            } else {
                git.rawFiles.append(Array(name))
            }
        }
        git.readStatus(status.output)
        switch place.originURL {
        case .known(let url): git.originURL = url
        case .askGit:
            let origin = try await run(place.root, ["config", "--get", "remote.origin.url"])
            git.originURL = origin.code == 0 ? origin.output.trimmed : nil
        }
        return git
    }

    private mutating func readStatus(_ text: String) {
        var branch: String?
        for entry in text.split(separator: "\0") {
            if entry.hasPrefix("# branch.oid ") {
                let id = String(entry.dropFirst("# branch.oid ".count))
                commit = id == "(initial)" ? nil : id
            } else if entry.hasPrefix("# branch.head ") {
                branch = String(entry.dropFirst("# branch.head ".count))
            } else if !entry.hasPrefix("# ") {
                isDirty = true
            }
        }
        if let branch, branch != "(detached)" {
            ref = "refs/heads/\(branch)"
        } else if let commit {
            ref = commit
        }
    }

    /// Owner and name: of the remote `origin`, else `local` and the folder's name.
    var repositoryName: (owner: String, name: String) {
        if let url = originURL {
            var path = url.hasSuffix(".git") ? url.dropLast(4) : url[...]
            while path.hasSuffix("/") { path = path.dropLast() }
            let parts = path.split { $0 == "/" || $0 == ":" }
            if parts.count >= 2 { return (String(parts[parts.count - 2]), String(parts[parts.count - 1])) }
        }
        return ("local", root.split(separator: "/").last.map(String.init) ?? "repository")
    }

    /// What the remote `origin` calls its head; else `main` or `master` where there is one, else what is checked out.
    var defaultBranch: String {
        let head = "ref: refs/remotes/origin/"
        if let text = Files.text("\(commonDirectory)/refs/remotes/origin/HEAD")?.trimmed, text.hasPrefix(head) {
            return String(text.dropFirst(head.count))
        }
        let packed = Files.text("\(commonDirectory)/packed-refs") ?? ""
        let known = ["main", "master"].first { name in
            ref == "refs/heads/\(name)" || Files.exists("\(commonDirectory)/refs/heads/\(name)")
                || packed.split(separator: "\n").contains { $0.hasSuffix(" refs/heads/\(name)") }
        }
        if let known { return known }
        return ref.hasPrefix("refs/heads/") ? String(ref.dropFirst("refs/heads/".count)) : "main"
    }

    struct Answer: Sendable {
        var code: Int64
        var bytes: [UInt8]
        var error: String

        var output: String { String(decoding: bytes, as: UTF8.self) }
    }

    static func run(_ directory: String, _ arguments: [String]) async throws -> Answer {
        guard let program = Program.find("git") else {
            throw CommandError(ExitStatus.engine, "git is not on PATH: install it")
        }
        do {
            let result = try await Program.run(program, ["-C", directory] + arguments)
            return Answer(code: result.code, bytes: result.bytes, error: result.error)
        } catch {
            throw CommandError(ExitStatus.engine, error.message)
        }
    }
}

extension StringProtocol {
    /// Without white space at its ends.
    var trimmed: String {
        var text = Substring(self).drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
