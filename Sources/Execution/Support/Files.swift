internal import Glibc

/// File operations on whole files and folders; errors name the path.
package enum Files {
    /// The file's text, with invalid UTF-8 repaired; nil when it cannot be read.
    package static func text(_ path: String) -> String? {
        bytes(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The file's bytes; nil when it cannot be read.
    package static func bytes(_ path: String, limit: Int = .max) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < limit {
            let count = read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return nil }
            if count == 0 { break }
            bytes += buffer[..<min(count, limit - bytes.count)]
        }
        return bytes
    }

    package static func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws(ExecutionError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw failure("write", path) }
        defer { close(file) }
        var text = text
        let isWritten = text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let count = Glibc.write(file, bytes.baseAddress?.advanced(by: done), bytes.count - done)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return false }
                done += count
            }
            return true
        }
        if !isWritten { throw failure("write", path) }
    }

    package static func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws(ExecutionError) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw failure("make the directory", path)
        }
        try makeDirectory(String(path[..<slash]))
        if mkdir(path, mode) != 0, errno != EEXIST { throw failure("make the directory", path) }
    }

    package static func names(in directory: String) -> [String] {
        guard let handle = opendir(directory) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    package static func isDirectory(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    /// A regular file, or a link to one.
    package static func isFile(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
    }

    package static func exists(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0
    }

    /// A device, a pipe or a socket: opening it may wait, reading it may never end.
    static func isSpecial(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT != S_IFREG && info.st_mode & S_IFMT != S_IFDIR
    }

    /// Removes a file or a whole folder; what cannot be removed stays. Names need not be UTF-8.
    package static func remove(_ path: String) {
        remove(Array(path.utf8CString))
    }

    /// `path` ends in a NUL.
    private static func remove(_ path: [CChar]) {
        var info = stat()
        guard lstat(path, &info) == 0 else { return }
        guard info.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        // A step may have taken the permission away.
        if info.st_mode & 0o700 != 0o700 { chmod(path, 0o700) }
        for name in rawNames(in: path) { remove(join(path, name)) }
        rmdir(path)
    }

    /// The names in a folder, each with its NUL.
    static func rawNames(in directory: [CChar]) -> [[CChar]] {
        guard let handle = opendir(directory) else { return [] }
        defer { closedir(handle) }
        var names: [[CChar]] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
                }
            }
            if name != [46, 0] && name != [46, 46, 0] { names.append(name) }
        }
        return names
    }

    static func join(_ directory: [CChar], _ name: [CChar]) -> [CChar] {
        directory.dropLast() + [CChar(bitPattern: UInt8(ascii: "/"))] + name
    }

    /// Without symbolic links; nil for what does not exist.
    static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Without `.` and `..` and double slashes; relative to `base` unless absolute. Links are not followed.
    package static func normalize(_ path: String, in base: String = "") -> String {
        var parts: [Substring] = []
        let whole = path.hasPrefix("/") ? path : "\(base)/\(path)"
        for part in whole.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    static func failure(_ verb: String, _ path: String) -> ExecutionError {
        ExecutionError("cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
