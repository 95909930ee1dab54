internal import Glibc
internal import Synchronization

/// Writing to standard output and standard error.
enum Standard {
    /// The first error of standard output; a run goes on to its end, which then tells.
    private static let failure = Mutex<Int32?>(nil)

    /// Throws ``CommandError`` when something that was to stand in standard output does not.
    static func check() throws {
        guard let code = failure.withLock({ $0 }) else { return }
        throw CommandError(ExitStatus.engine, "standard output cannot be written: \(String(cString: strerror(code)))")
    }

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
                if count <= 0 {
                    // A reader that went away (`plue logs | head`) is no error.
                    if count < 0, errno != EPIPE, descriptor == STDOUT_FILENO { failure.withLock { $0 = $0 ?? errno } }
                    return
                }
                done += count
            }
        }
    }
}
