/// Something wrong, or doubtful, at a place of a file.
public struct Diagnostic: Error, Sendable {
    public enum Severity: String, Sendable, Comparable {
        /// GitHub refuses the file, or it is certainly not what was meant, or it lets strangers in.
        case error
        case warning
        /// Advice.
        case note

        public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

        private var rank: Int {
            switch self {
            case .note: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    public var severity: Severity
    /// Stable, lower-case with hyphens: `unknown-key`, `needs-cycle`, …
    public var code: String
    public var message: String
    public var file: String
    public var position: SourcePosition
    /// A suggestion, kept apart so that `message` can be GitHub's text.
    public var hint: String?
    /// Of the file as a whole: GitHub's text names no place, `position` is the nearest one.
    public var isFileWide = false

    public init(
        _ severity: Severity = .error, code: String, message: String, file: String, at position: SourcePosition
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.file = file
        self.position = position
    }
}

extension [Diagnostic] {
    /// Each once: an anchored value is checked again at each of its aliases, with the places of the anchor.
    func distinct() -> [Diagnostic] {
        if count < 2 { return self }
        var seen: Set<String> = []
        return filter { seen.insert("\($0.position.line):\($0.position.column) \($0.code) \($0.message)").inserted }
    }
}
