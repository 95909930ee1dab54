internal import Glibc

/// A file that appears under its name only when it is whole.
final class OutputFile: @unchecked Sendable {
    private let path: String
    private let stream: UnsafeMutablePointer<FILE>

    /// Throws ``CommandError`` when the file is there already or cannot be made.
    init(_ path: String) throws {
        guard access(path, F_OK) != 0 else {
            throw CommandError(ExitStatus.usage, "\(path) is there already: give another path, or remove it")
        }
        guard let stream = fopen(path + ".partial", "we") else { throw Self.failure("write", path) }
        self.path = path
        self.stream = stream
    }

    /// With `restarting` everything that was written before is dropped.
    func write(_ bytes: [UInt8], restarting: Bool) throws {
        if restarting {
            guard fflush(stream) == 0, ftruncate(fileno(stream), 0) == 0 else { throw Self.failure("write", path) }
            rewind(stream)
        }
        guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else { throw Self.failure("write", path) }
    }

    func finish() throws {
        guard fflush(stream) == 0, fsync(fileno(stream)) == 0, fclose(stream) == 0, rename(path + ".partial", path) == 0
        else { throw Self.failure("write", path) }
    }

    func discard() {
        fclose(stream)
        unlink(path + ".partial")
    }

    private static func failure(_ verb: String, _ path: String) -> CommandError {
        CommandError(ExitStatus.engine, "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
