internal import Execution
internal import Model
internal import Services
internal import Synchronization

/// The trees of commits, for jobs of a server: each is written once into a folder of its own and copied for every job.
actor CommitTrees {
    /// How many are kept; those that were used last.
    private static let limit = 16

    private let folder: String
    /// Git repositories by lower-case `owner/name`, where they are not at the place that the database says.
    private let places: [String: String]
    private var made: [String: Task<TreeSource, any Error>] = [:]
    private var order: [String] = []

    init(folder: String, places: [String: String]) {
        self.folder = folder
        self.places = places
    }

    /// The tree of that commit. Throws ``ExecutionError`` when the repository, or the commit, is not on this host.
    func tree(of repository: Repository, commit: String, ref: String) async throws -> TreeSource {
        guard commit.utf8.count == 40, commit.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
            throw ExecutionError("\(commit) is no commit")
        }
        let key = "\(repository.id.rawValue)-\(commit)"
        order.removeAll { $0 == key }
        order.append(key)
        let task: Task<TreeSource, any Error>
        if let known = made[key] {
            task = known
        } else {
            let (place, target) = (try place(of: repository), "\(folder)/\(key)")
            task = Task { try await Self.make(target, commit: commit, from: place) }
            made[key] = task
            forgetOldest()
        }
        do {
            var tree = try await task.value
            tree.ref = ref
            return tree
        } catch {
            made[key] = nil
            throw error
        }
    }

    private func forgetOldest() {
        guard order.count > Self.limit else { return }
        let oldest = order.removeFirst()
        made[oldest] = nil
        Files.remove("\(folder)/\(oldest)")
        Files.remove("\(folder)/\(oldest).git")
    }

    /// What the schedules of a repository run: of a local one the newest commit of its default branch, of a hosted one
    /// what was pushed last, or what the copy on this host has when nothing was.
    func head(of repository: Repository) async -> DefaultHead {
        let isLocal = repository.location.hasPrefix("/")
        if !isLocal, repository.headSHA != nil { return .stored }
        guard let place = try? place(of: repository), let git = Program.find("git") else {
            return isLocal ? .elsewhere : .stored
        }
        for ref in ["refs/heads/", "refs/remotes/origin/"] {
            let name = "\(ref)\(repository.defaultBranch)^{commit}"
            let found = try? await Program.run(
                git, ["--git-dir=\(place.common)", "rev-parse", "--verify", "--quiet", name])
            if let found, found.code == 0 { return .commit(found.output.trimmed) }
        }
        return .unknown("the branch \(repository.defaultBranch) has no commit in \(place.root)")
    }

    private func place(of repository: Repository) throws -> GitDirectory {
        let given = places[repository.fullName.lowercased()]
        guard let path = given ?? (repository.location.hasPrefix("/") ? repository.location : nil) else {
            throw ExecutionError(
                "the repository \(repository.fullName) is not on this host: give a copy with --repository "
                    + "\(repository.fullName)=DIR")
        }
        // A bare one is its own git directory.
        if Files.isDirectory("\(path)/objects"), Files.exists("\(path)/HEAD") {
            return GitDirectory(root: path, common: path)
        }
        guard let found = GitDirectory.find(around: path) else {
            throw ExecutionError(
                "\(path) holds no git repository of \(repository.fullName): give another copy with --repository "
                    + "\(repository.fullName)=DIR")
        }
        return found
    }

    private static func make(
        _ target: String, commit: String, from place: GitDirectory
    ) async throws -> TreeSource {
        guard let git = Program.find("git"), let env = Program.find("env") else {
            throw ExecutionError("git is not on PATH: install it")
        }
        // What an event says of itself must not be taken for an option.
        guard Git.commit(commit) != nil else { throw ExecutionError("\(commit) is not the id of a commit") }
        let own = "\(target).git"
        try Files.makeDirectory(target)
        try Files.makeDirectory(own)
        // As a linked working tree has it: the checkout of a job finds the index of this commit.
        try Files.write("gitdir: \(own)\n", to: "\(target)/.git")
        func run(_ arguments: [String]) async throws -> Program.Result {
            let result = try await Program.run(
                env,
                [
                    "GIT_INDEX_FILE=\(own)/index", git, "--git-dir=\(place.common)", "--work-tree=\(target)", "-c",
                    "core.bare=false",
                ] + arguments, directory: target)
            guard result.code == 0 else {
                throw ExecutionError("the commit \(commit) is not in \(place.root): \(result.error.trimmed)")
            }
            return result
        }
        _ = try await run(["read-tree", commit])
        _ = try await run(["checkout-index", "--all", "--force"])
        let listed = try await run(["ls-files", "-z", "--cached"])
        var tree = TreeSource(root: target, gitDirectory: place.common, files: [], ref: commit, commit: commit)
        for name in listed.bytes.split(separator: 0) {
            if let text = String(validating: name, as: UTF8.self) {
                tree.files.append(text)
            } else {
                tree.rawFiles.append(Array(name))
            }
        }
        return tree
    }
}
