internal import Glibc

/// `actions/checkout` of the repository itself: the working tree as it is, and a `.git` that shares the objects of the
/// user's repository, so that nothing is copied and nothing that a step does reaches it.
struct Checkout {
    var source: TreeSource

    /// Fills `target`. With `ref` another commit than the current one is checked out by git.
    func run(into target: String, originURL: String) throws(ExecutionError) {
        try WorkspaceTree.copy(source, to: target)
        try makeGitDirectory("\(target)/.git", originURL: originURL)
    }

    private func makeGitDirectory(_ directory: String, originURL: String) throws(ExecutionError) {
        guard !Files.exists(directory) else { return }
        for part in ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"] {
            try Files.makeDirectory("\(directory)/\(part)")
        }
        try Files.write("\(source.gitDirectory)/objects\n", to: "\(directory)/objects/info/alternates")
        let config = GitConfig(Files.text("\(source.gitDirectory)/config") ?? "", originURL: originURL)
        try Files.write(config.text, to: "\(directory)/config")
        // Of a linked worktree the index is its own, all else is shared.
        let own = ownGitDirectory
        for name in Files.names(in: own) where name == "index" || name.hasPrefix("sharedindex.") {
            try Self.copy("\(own)/\(name)", to: "\(directory)/\(name)")
        }
        for name in ["shallow", "packed-refs", "info/exclude", "info/attributes"] {
            try Self.copy("\(source.gitDirectory)/\(name)", to: "\(directory)/\(name)")
        }
        guard let commit = source.commit else {
            return try Files.write("ref: \(source.ref)\n", to: "\(directory)/HEAD")
        }
        if source.ref.hasPrefix("refs/heads/") {
            let file = "\(directory)/\(source.ref)"
            if let slash = file.lastIndex(of: "/") { try Files.makeDirectory(String(file[..<slash])) }
            try Files.write("\(commit)\n", to: file)
            try Files.write("ref: \(source.ref)\n", to: "\(directory)/HEAD")
        } else {
            try Files.write("\(commit)\n", to: "\(directory)/HEAD")
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

    private static func copy(_ path: String, to target: String) throws(ExecutionError) {
        guard let bytes = Files.bytes(path) else { return }
        try write(bytes, to: target)
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
