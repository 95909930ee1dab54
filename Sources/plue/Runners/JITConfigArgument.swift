internal import Glibc

/// A just-in-time configuration as it is given: `-` for standard input, `@FILE`, or the text itself.
enum JITConfigArgument {
    private static let limit = 4096

    /// Throws ``CommandError``.
    static func read(_ argument: String) throws -> String {
        let bytes: [UInt8]?
        switch argument {
        case "-": bytes = standardInput()
        case _ where argument.hasPrefix("@"):
            bytes = try InputFile.bytes(String(argument.dropFirst()), limit: limit)
        default: bytes = Array(argument.utf8)
        }
        guard let bytes, bytes.count <= limit else {
            throw CommandError(ExitStatus.usage, "--jitconfig: it cannot be read, or is too long")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return String(text.filter { !$0.isWhitespace })
    }

    private static func standardInput() -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: limit)
        while bytes.count <= limit {
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += buffer.prefix(count)
        }
        return bytes
    }
}
