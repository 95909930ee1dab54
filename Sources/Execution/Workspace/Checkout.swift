internal import Glibc

/// `actions/checkout` of the repository itself: the working tree as it is, and a `.git` that shares the objects of the
/// user's repository, so that nothing is copied and nothing that a step does reaches it.
struct Checkout {
    var source: TreeSource
    /// Whose the copy is. It is made as that user: a step may have put links in the way.
    var user: JobUser?

    /// Fills `target`. With `ref` another commit than the current one is checked out by git.
    func run(into target: String, originURL: String) throws(ExecutionError) {
        try WorkspaceTree.copy(source, to: target, as: user)
        try makeGitDirectory("\(target)/.git", originURL: originURL)
    }

    private func makeGitDirectory(_ directory: String, originURL: String) throws(ExecutionError) {
        guard !Files.exists(directory) else { return }
        for part in ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"] {
            try make("\(directory)/\(part)")
        }
        try write("\(source.gitDirectory)/objects\n", to: "\(directory)/objects/info/alternates")
        let config = GitConfig(Files.text("\(source.gitDirectory)/config") ?? "", originURL: originURL)
        try write(config.text, to: "\(directory)/config")
        // Of a linked worktree the index is its own, all else is shared.
        let own = ownGitDirectory
        for name in Files.names(in: own) where name == "index" || name.hasPrefix("sharedindex.") {
            try copy("\(own)/\(name)", to: "\(directory)/\(name)")
        }
        for name in ["shallow", "packed-refs", "info/exclude", "info/attributes"] {
            try copy("\(source.gitDirectory)/\(name)", to: "\(directory)/\(name)")
        }
        guard let commit = source.commit else {
            return try write("ref: \(source.ref)\n", to: "\(directory)/HEAD")
        }
        if source.ref.hasPrefix("refs/heads/") {
            let file = "\(directory)/\(source.ref)"
            if let slash = file.lastIndex(of: "/") { try make(String(file[..<slash])) }
            try write("\(commit)\n", to: file)
            try write("ref: \(source.ref)\n", to: "\(directory)/HEAD")
        } else {
            try write("\(commit)\n", to: "\(directory)/HEAD")
        }
    }

    /// `.git` of a linked worktree is a file that names its folder.
    private var ownGitDirectory: String {
        let place = "\(source.root)/.git"
        guard !Files.isDirectory(place), let text = Files.text(place), text.hasPrefix("gitdir: ") else {
            return source.gitDirectory
        }
        return Files.normalize(String(text.dropFirst(8).prefix { $0 != "\n" }), in: source.root)
    }

    private func make(_ folder: String) throws(ExecutionError) {
        try user.perform { () throws(ExecutionError) in try Files.makeDirectory(folder) }
    }

    private func write(_ text: String, to path: String) throws(ExecutionError) {
        try user.perform { () throws(ExecutionError) in try Files.write(text, to: path) }
    }

    private func copy(_ path: String, to target: String) throws(ExecutionError) {
        guard let bytes = Files.bytes(path) else { return }
        try user.perform { () throws(ExecutionError) in try Self.write(bytes, to: target) }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(ExecutionError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Files.failure("write", path) }
        defer { close(file) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(file, buffer.baseAddress?.advanced(by: done), bytes.count - done)
            }
            if count <= 0 { throw Files.failure("write", path) }
            done += count
        }
    }
}
