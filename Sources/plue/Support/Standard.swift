internal import Glibc

/// Writing to standard output and standard error.
enum Standard {
    static func output(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    static func error(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    /// A line of a log as standard output may have it: whole in a pipe, harmless on a terminal.
    static func shown(_ text: String) -> String {
        isatty(STDOUT_FILENO) == 1 ? text.terminalSafe : text
    }

    static func line(_ text: String) {
        output(text + "\n")
    }

    static func errorLine(_ text: String) {
        error(text + "\n")
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
                if count < 0, errno == EINTR || errno == EAGAIN { continue }
                // A reader that went away (`plue logs | head`) is no error.
                if count <= 0 { return }
                done += count
            }
        }
    }
}
