internal import CLinux
internal import Glibc

/// A file that somebody else names: read only when it is a regular one, so that no pipe is waited for and no device read
/// without end.
package enum RegularFile {
    /// The first `limit` bytes. Throws ``ExecutionError`` with the reason alone, as the caller knows the name that it shows;
    /// also for a file of that repository which a link leads out of it: whoever wrote the link may not read what is there.
    package static func bytes(
        _ path: String, limit: Int, of repository: String? = nil
    ) throws(ExecutionError) -> [UInt8] {
        if let repository, path.hasPrefix("\(repository)/"), let real = Files.realPath(path),
            let realRoot = Files.realPath(repository), !real.hasPrefix("\(realRoot)/")
        {
            throw ExecutionError("a symbolic link leads out of the repository, to \(real)")
        }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else {
            switch errno {
            case ENOENT where isLink(path): throw ExecutionError("it is a link to a file that is not there")
            case ENOENT: throw ExecutionError("there is no such file")
            case ELOOP: throw ExecutionError("it is a link to itself")
            default: throw ExecutionError("it cannot be read: \(String(cString: strerror(errno)))")
            }
        }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0 else { throw ExecutionError("it cannot be read") }
        switch info.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw ExecutionError("it is a folder")
        default: throw ExecutionError("it is no regular file")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < limit {
            let count = read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw ExecutionError("it cannot be read: \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            bytes += buffer[..<min(count, limit - bytes.count)]
        }
        return bytes
    }

    private static func isLink(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
    }
}
