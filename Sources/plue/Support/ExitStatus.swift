/// The exit codes of every command (README, Exit codes).
enum ExitStatus {
    static let passed: Int32 = 0
    static let failed: Int32 = 1
    static let cancelled: Int32 = 2
    static let nothingMatched: Int32 = 3
    static let authentication: Int32 = 4
    static let invalidWorkflow: Int32 = 5
    static let engine: Int32 = 6
    static let usage: Int32 = 64
    static let interrupted: Int32 = 130
}

/// An error with the exit code that it ends the command with.
struct CommandError: Error, CustomStringConvertible {
    var exitCode: Int32
    var message: String

    init(_ exitCode: Int32, _ message: String) {
        self.exitCode = exitCode
        self.message = message
    }

    var description: String { message }
}
