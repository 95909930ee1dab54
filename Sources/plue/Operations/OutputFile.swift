internal import CLinux
internal import Glibc

/// A file that appears under its name only when it is whole, and never in place of another. An interrupt leaves nothing.
final class OutputFile: @unchecked Sendable {
    private let path: String
    private let partial: String
    private var stream: UnsafeMutablePointer<FILE>?

    /// Throws ``CommandError`` when the file is there already or cannot be made.
    init(_ path: String) throws {
        guard access(path, F_OK) != 0 else { throw Self.exists(path) }
        let partial = Self.partial(of: path)
        // First: an interrupt may come as soon as it is there.
        Interrupts.removeFile(partial)
        // It has what only its owner may read.
        let file = open(partial, O_CREAT | O_EXCL | O_CLOEXEC | O_WRONLY, 0o600)
        guard file >= 0, let stream = fdopen(file, "w") else {
            let failure = Self.failure("write", path)
            Interrupts.unwatch()
            throw failure
        }
        self.path = path
        self.partial = partial
        self.stream = stream
    }

    /// With `restarting` everything that was written before is dropped.
    func write(_ bytes: [UInt8], restarting: Bool) throws {
        guard let stream else { throw CommandError(ExitStatus.engine, "\(path) is closed") }
        if restarting {
            guard fflush(stream) == 0, ftruncate(fileno(stream), 0) == 0 else { throw Self.failure("write", path) }
            rewind(stream)
        }
        guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else { throw Self.failure("write", path) }
    }

    /// Gives the file its name; throws when another one took it meanwhile.
    func finish() throws {
        guard let stream, fflush(stream) == 0, fsync(fileno(stream)) == 0 else { throw Self.failure("write", path) }
        guard plue_name_file(partial, path) == 0 else {
            throw errno == EEXIST ? Self.exists(path) : Self.failure("write", path)
        }
        discard()
    }

    /// Removes what has no name yet. Idempotent.
    func discard() {
        guard let stream else { return }
        fclose(stream)
        unlink(partial)
        Interrupts.unwatch()
        self.stream = nil
    }

    /// A name beside it that no other process has.
    static func partial(of path: String) -> String { "\(path).\(UniqueName.make()).partial" }

    static func exists(_ path: String) -> CommandError {
        CommandError(ExitStatus.usage, "\(path) is there already: give another path, or remove it")
    }

    private static func failure(_ verb: String, _ path: String) -> CommandError {
        CommandError(ExitStatus.engine, "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
