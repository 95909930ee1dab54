internal import CLinux
internal import Glibc

/// Copies the working tree, as it is now, into a job's workspace.
enum WorkspaceTree {
    private static let gitName = ".git".utf8CString.map { $0 }
    /// Files with their permissions, links as links. What vanished since it was listed is passed over. The tree is read as
    /// who plue is, the copy made as `user`.
    static func copy(_ source: TreeSource, to target: String, as user: JobUser? = nil) throws(ExecutionError) {
        try user.perform { () throws(ExecutionError) in try Files.makeDirectory(target) }
        var made: Set<Substring> = []
        for file in source.files {
            if let slash = file.lastIndex(of: "/"), made.insert(file[..<slash]).inserted {
                try user.perform { () throws(ExecutionError) in
                    try Files.makeDirectory("\(target)/\(file[..<slash])")
                }
            }
            try copyItem(
                Array("\(source.root)/\(file)".utf8CString), to: Array("\(target)/\(file)".utf8CString), user)
        }
        for name in source.rawFiles {
            let name = name.map { CChar(bitPattern: $0) } + [0]
            try user.perform { () throws(ExecutionError) in try makeFolders(of: name, in: target) }
            try copyItem(
                Files.join(Array(source.root.utf8CString), name), to: Files.join(Array(target.utf8CString), name),
                user)
        }
    }

    /// The folders above a file whose name is not UTF-8.
    private static func makeFolders(of name: [CChar], in target: String) throws(ExecutionError) {
        let slash = CChar(bitPattern: UInt8(ascii: "/"))
        for index in name.indices where name[index] == slash {
            let folder = Files.join(Array(target.utf8CString), name[..<index] + [0])
            if mkdir(folder, 0o755) != 0, errno != EEXIST { throw failure("make the directory", folder) }
        }
    }

    private static func copyItem(_ path: [CChar], to target: [CChar], _ user: JobUser?) throws(ExecutionError) {
        var info = stat()
        guard lstat(path, &info) == 0 else { return }
        switch info.st_mode & S_IFMT {
        case S_IFREG: try copyFile(path, to: target, user)
        case S_IFLNK: try copyLink(path, to: target, user)
        case S_IFDIR:
            // A submodule, or a repository inside this one.
            try user.perform { () throws(ExecutionError) in
                if mkdir(target, 0o755) != 0, errno != EEXIST { throw failure("make the directory", target) }
            }
            // Its `.git` speaks of a place that a copy does not have.
            for name in Files.rawNames(in: path) where name != Self.gitName {
                try copyItem(Files.join(path, name), to: Files.join(target, name), user)
            }
        default: return
        }
    }

    private static func copyFile(_ path: [CChar], to target: [CChar], _ user: JobUser?) throws(ExecutionError) {
        let source = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if source < 0, errno == ENOENT || errno == ELOOP { return }
        guard source >= 0 else { throw failure("read", path) }
        defer { close(source) }
        var info = stat()
        guard fstat(source, &info) == 0 else { throw failure("read", path) }
        let mode = info.st_mode & 0o777 | 0o600
        let copy = user.perform { open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode) }
        guard copy >= 0 else { throw failure("write", target) }
        defer { close(copy) }
        if plue_copy_file(source, copy, Int64(info.st_size)) != 0 { throw failure("copy to", target) }
    }

    private static func copyLink(_ path: [CChar], to target: [CChar], _ user: JobUser?) throws(ExecutionError) {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard readlink(path, &buffer, Int(PATH_MAX)) >= 0 else { return }
        try user.perform { () throws(ExecutionError) in
            unlink(target)
            if symlink(buffer, target) != 0 { throw failure("make the link", target) }
        }
    }

    private static func failure(_ verb: String, _ path: [CChar]) -> ExecutionError {
        let code = errno
        let text = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        errno = code
        return Files.failure(verb, text)
    }
}
