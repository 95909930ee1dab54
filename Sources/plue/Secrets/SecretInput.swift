internal import Cryptography
internal import Execution
internal import Glibc

/// A secret value that is typed, piped or read from a file: never an argument, which others of the host can see.
enum SecretInput {
    private static let limit = SealedRecord.maximumPlaintext

    /// From a file as it is; from standard input without the line break at its end; from a terminal a line that is not
    /// shown. Throws ``CommandError``, also for no value at all: what was to write it may have failed.
    static func read(file: String?, prompt: String) throws -> SecretBytes {
        let (value, place) =
            if let file {
                (try contents(file), file)
            } else if isatty(STDIN_FILENO) == 1 {
                (try typed(prompt), "what was typed")
            } else {
                (withoutLineBreak(try all(of: STDIN_FILENO, "standard input")), "standard input")
            }
        guard value.count > 0 else {
            throw CommandError(ExitStatus.usage, "\(place) is empty; nothing is stored")
        }
        return value
    }

    /// A passphrase, a file's text without the line break at its end. Throws ``CryptographyError`` where others may read it.
    static func passphrase(ofFile path: String) throws -> SecretBytes {
        try PrivateFile.check(Directories.absolute(path))
        return withoutLineBreak(try contents(path))
    }

    private static func contents(_ path: String) throws -> SecretBytes {
        let path = Directories.absolute(path)
        guard var bytes = try InputFile.bytes(path, limit: InputFile.valuesLimit) else {
            throw CommandError(ExitStatus.usage, "\(path): there is no such file")
        }
        return SecretBytes(consuming: &bytes)
    }

    /// A byte more than a value and its line break may have, so that a longer one is found.
    private static func all(of descriptor: Int32, _ name: String) throws -> SecretBytes {
        var count = 0
        let bytes = try SecretBytes(count: limit + 3) { buffer in
            while count < buffer.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
                let got = Glibc.read(descriptor, rest.baseAddress, rest.count)
                if got < 0, errno == EINTR { continue }
                guard got >= 0 else {
                    throw CommandError(ExitStatus.engine, "\(name): \(String(cString: strerror(errno)))")
                }
                if got == 0 { break }
                count += got
            }
        }
        return bytes.withUnsafeBytes { SecretBytes(copying: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    private static func withoutLineBreak(_ value: SecretBytes) -> SecretBytes {
        value.withUnsafeBytes { bytes in
            var end = bytes.count
            if end > 0, bytes[end - 1] == UInt8(ascii: "\n") { end -= 1 }
            if end > 0, end < bytes.count, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
            return SecretBytes(copying: UnsafeRawBufferPointer(rebasing: bytes[..<end]))
        }
    }

    private static func typed(_ prompt: String) throws -> SecretBytes {
        Standard.error("\(prompt): ")
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else {
            throw CommandError(ExitStatus.engine, "the terminal cannot be read: \(String(cString: strerror(errno)))")
        }
        var quiet = before
        quiet.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            Standard.errorLine("")
        }
        var count = 0
        let line = SecretBytes(count: limit + 3) { buffer in
            while count < buffer.count {
                let got = Glibc.read(STDIN_FILENO, buffer.baseAddress?.advanced(by: count), 1)
                if got < 0, errno == EINTR { continue }
                if got <= 0 || buffer[count] == UInt8(ascii: "\n") { break }
                count += 1
            }
        }
        return line.withUnsafeBytes { SecretBytes(copying: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
}
