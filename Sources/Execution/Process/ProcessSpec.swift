/// A program to start: absolute path, arguments with the program's name first, environment as `NAME=value`.
struct ProcessSpec: Sendable {
    var path: String
    var arguments: [String]
    var environment: [String]
    var directory: String
    /// The tracking id of the job that it is for; nil for a helper of plue's own.
    var job: String?
    /// As whom it runs; nil for who plue is.
    var user: JobUser?
}

/// How a process ended.
enum ExitStatus: Sendable, Equatable {
    case exited(Int32)
    case signalled(Int32)

    /// As a shell says it: 128 + the signal's number.
    var code: Int64 {
        switch self {
        case .exited(let code): Int64(code)
        case .signalled(let signal): 128 + Int64(signal)
        }
    }
}

/// Which of its two outputs a process wrote to.
enum OutputStream: Sendable {
    case standardOutput, standardError
}
