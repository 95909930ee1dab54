internal import Execution
internal import Glibc

/// A file that an option names: a regular one or a pipe, of a size that can be meant.
enum InputFile {
    /// GitHub's limit of an event's body.
    static let payloadLimit = 25 << 20
    /// Of files of variables, inputs, secrets.
    static let valuesLimit = 1 << 20

    /// Nil when there is none, or it cannot be read. Throws ``CommandError`` for devices, folders and what is too large.
    static func bytes(_ path: String, limit: Int) throws -> [UInt8]? {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        let kind = info.st_mode & S_IFMT
        // Of devices only the one that stands for nothing.
        guard kind == S_IFREG || kind == S_IFIFO || kind == S_IFSOCK || path == "/dev/null" else {
            throw CommandError(ExitStatus.usage, "\(path): expected a file or a pipe")
        }
        guard let bytes = Files.bytes(path, limit: limit + 1) else { return nil }
        guard bytes.count <= limit else {
            throw CommandError(ExitStatus.usage, "\(path): it is larger than \(limit >> 20) MiB")
        }
        return bytes
    }
}
