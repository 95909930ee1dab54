internal import Glibc

/// A root key in a file.
struct KeyFile {
    /// Seconds that the making of a file never takes.
    private static let abandonedAfter = 60

    let path: String

    /// The bytes of a file that this process's user owns and nobody else may touch (mode 0600 or 0400).
    func read() throws(CryptographyError) -> SecretBytes {
        // Not blocking: a FIFO must not hold the start up.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            guard errno != ENOENT else {
                throw error(.keyMissing, "there is none; restore it, no stored secret can be read without it")
            }
            throw failure("it cannot be opened")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure("it cannot be examined") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw error(.malformed, "it is no regular file") }
        try PrivateFile.check(status, "key file \(path)", path)
        guard status.st_size == RootKey.length else {
            throw error(.malformed, "it has \(status.st_size) bytes instead of \(RootKey.length); restore it")
        }
        return try SecretBytes(count: RootKey.length) { (buffer) throws(CryptographyError) in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.read(file, UnsafeMutableRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw failure("it cannot be read") }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Writes beside the path and links the complete, synced file to it: whoever finds the path finds all of the key,
    /// also after a crash and when several do it at once. Only one of them succeeds.
    func create(_ key: SecretBytes) throws(CryptographyError) {
        removeAbandoned()
        let suffix = try RandomBytes.bytes(8).map { String($0, radix: 36) }.joined()
        let temporary = "\(path).\(suffix).new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("\(temporary) cannot be made") }
        defer {
            close(file)
            unlink(temporary)
        }
        // The process's umask may have taken even the owner's rights.
        guard fchmod(file, 0o600) == 0 else { throw failure("its mode cannot be set") }
        try key.withUnsafeBytes { (bytes) throws(CryptographyError) in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw failure("it cannot be written") }
                rest = rest.dropFirst(count)
            }
        }
        guard fsync(file) == 0 else { throw failure("it cannot be synced to the disk") }
        guard link(temporary, path) == 0 else {
            guard errno != EEXIST else {
                throw error(.keyFileExists, "it exists already and is never replaced; use it, or name another path")
            }
            throw failure("it cannot be linked into place")
        }
        try syncFolder()
    }

    func exists() throws(CryptographyError) -> Bool {
        if access(path, F_OK) == 0 { return true }
        guard errno == ENOENT else { throw failure("it cannot be examined") }
        return false
    }

    /// Takes the place of the other, which is kept under another name. What was done already is not done again.
    func replace(_ other: KeyFile, keptAs name: String) throws(CryptographyError) {
        guard link(other.path, name) == 0 || errno == EEXIST else {
            throw other.failure("it cannot be kept as \(name)")
        }
        try syncFolder()
        guard rename(path, other.path) == 0 else { throw failure("it cannot be moved to \(other.path)") }
        try other.syncFolder()
    }

    /// Partial files of processes that were killed while they made a key; whoever makes one just now is left alone.
    private func removeAbandoned() {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let name = slash.map { path[path.utf8.index(after: $0)...] } ?? path[...]
        let folder = slash.map { String(path[...$0]) } ?? "./"
        guard let names = opendir(folder) else { return }
        defer { closedir(names) }
        let now = time(nil)
        while let entry = readdir(names) {
            let found = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var status = stat()
            guard found.hasPrefix("\(name)."), found.hasSuffix(".new"), lstat(folder + found, &status) == 0,
                now - status.st_mtim.tv_sec > Self.abandonedAfter
            else { continue }
            unlink(folder + found)
        }
    }

    /// Makes the new name last.
    private func syncFolder() throws(CryptographyError) {
        let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { $0 == path.startIndex ? "/" : String(path[..<$0]) }
        let folder = open(name ?? ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure("its directory cannot be opened") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure("its directory cannot be synced to the disk") }
    }

    /// With the reason of the call that just failed.
    private func failure(_ what: String) -> CryptographyError {
        let number = errno
        let reason = strerror(number).map { String(cString: $0) } ?? "error \(number)"
        return error(.keyFileAccess, "\(what): \(reason)")
    }

    private func error(_ code: CryptographyError.Code, _ message: String) -> CryptographyError {
        CryptographyError(code, "key file \(path)", message)
    }
}
