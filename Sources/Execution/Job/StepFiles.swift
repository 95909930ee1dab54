internal import Glibc

/// The five files through which a step sets values. Each step gets empty ones; those that a step left untouched serve the
/// next one too, since making and removing files is slow where a file system avoids inodes that were just freed. All
/// are removed with the folder of their job.
struct StepFiles {
    enum Kind: String, CaseIterable {
        case environment = "set_env_"
        case path = "add_path_"
        case output = "set_output_"
        case state = "save_state_"
        case summary = "step_summary_"

        var variable: String {
            switch self {
            case .environment: "GITHUB_ENV"
            case .path: "GITHUB_PATH"
            case .output: "GITHUB_OUTPUT"
            case .state: "GITHUB_STATE"
            case .summary: "GITHUB_STEP_SUMMARY"
            }
        }
    }

    /// Bytes; a summary has its own, GitHub's.
    static let sizeLimit = 16 << 20
    static let summaryLimit = 1 << 20

    private let directory: String
    private let user: JobUser?
    private let token = TokenSource.next()

    /// - Parameter user: whose they are.
    init(directory: String, user: JobUser?) throws(ExecutionError) {
        self.directory = directory
        self.user = user
        for kind in Kind.allCases {
            try user.perform { () throws(ExecutionError) in try make(kind) }
        }
    }

    private func make(_ kind: Kind) throws(ExecutionError) {
        let file = open(path(kind), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Files.failure("write", path(kind)) }
        close(file)
    }

    func export(into variables: inout [String: String]) {
        for kind in Kind.allCases { variables[kind.variable] = path(kind) }
    }

    /// What the step wrote; empty when it removed the file.
    func content(_ kind: Kind) throws(ExecutionError) -> [UInt8] {
        try user.perform { () throws(ExecutionError) in try read(kind) }
    }

    private func read(_ kind: Kind) throws(ExecutionError) -> [UInt8] {
        // A pipe or a device in its place is never opened, and one that still grows not read to its end.
        guard size(kind) > 0, Files.isFile(path(kind)) else { return [] }
        if kind == .summary {
            let bytes = try RegularFile.bytes(path(kind), limit: Self.summaryLimit + 1)
            return bytes.count > Self.summaryLimit ? [] : bytes
        }
        let bytes = try RegularFile.bytes(path(kind), limit: Self.sizeLimit + 1)
        guard bytes.count <= Self.sizeLimit else {
            throw ExecutionError("\(kind.variable) has \(max(size(kind), bytes.count)) bytes; it may have 16 MiB")
        }
        return bytes
    }

    var isSummaryTooLarge: Bool { size(.summary) > Self.summaryLimit }

    /// No step wrote to them, and none removed one.
    var isUntouched: Bool {
        Kind.allCases.allSatisfy { kind in
            var info = stat()
            return lstat(path(kind), &info) == 0 && info.st_mode & S_IFMT == S_IFREG && info.st_size == 0
        }
    }

    private func size(_ kind: Kind) -> Int {
        var info = stat()
        return stat(path(kind), &info) == 0 ? Int(info.st_size) : 0
    }

    private func path(_ kind: Kind) -> String { "\(directory)/\(kind.rawValue)\(token)" }
}

/// Names that do not repeat within this process nor, in practice, between processes.
enum TokenSource {
    static func next() -> String {
        let high = UInt64.random(in: 0...UInt64.max)
        let low = UInt64.random(in: 0...UInt64.max)
        return String(high, radix: 16) + String(low, radix: 16)
    }
}
