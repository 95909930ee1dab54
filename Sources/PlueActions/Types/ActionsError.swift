internal import Services
internal import Storage
internal import WorkflowSyntax

/// Why a call was refused or failed. Nothing of it was stored then.
public struct ActionsError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case notFound = "not_found"
        /// A state does not lead to the one that was asked for.
        case illegalTransition = "illegal_transition"
        /// The claim that the token names is over.
        case staleAssignment = "stale_assignment"
        case invalidWorkflow = "invalid_workflow"
        case invalidInput = "invalid_input"
        /// It is there already, or cannot be done as things are.
        case conflict
        /// Too large or too many.
        case limit
        /// A rule of the schema was broken.
        case constraint
        /// The principal may not do that.
        case forbidden
        case cancelled
        /// A key is missing or another one; the database is closed, away, full or damaged.
        case unavailable
        case `internal`
    }

    /// Something wrong at a place of a file.
    public struct Diagnostic: Sendable, Hashable {
        public var file: String
        /// 1-based.
        public var line: Int
        public var column: Int
        public var message: String

        init(_ diagnostic: WorkflowSyntax.Diagnostic) {
            file = diagnostic.file
            line = diagnostic.position.line
            column = diagnostic.position.column
            message = diagnostic.message
        }
    }

    public var code: Code
    /// What the call was about: `run 42`.
    public var subject: String
    public var message: String
    /// Of `invalid_workflow`.
    public var diagnostics: [Diagnostic] = []

    init(_ code: Code, _ subject: String, _ message: String) {
        self.code = code
        self.subject = subject
        self.message = message
    }

    init(_ file: String, _ diagnostics: [WorkflowSyntax.Diagnostic]) {
        let lines = diagnostics.map { "\($0.file):\($0.position.line):\($0.position.column): \($0.message)" }
        self.init(.invalidWorkflow, "workflow \(file)", lines.joined(separator: "\n"))
        self.diagnostics = diagnostics.map { Diagnostic($0) }
    }

    public var description: String { "\(subject): \(message)" }
}

extension ActionsError {
    init(_ error: ServiceError) {
        self.init(Code(rawValue: error.code.rawValue) ?? .internal, error.subject, error.message)
        diagnostics = error.diagnostics.map { Diagnostic($0) }
    }

    init(_ error: StorageError) {
        let code: Code =
            switch error.code {
            case .unique: .conflict
            case .foreignKey, .check, .notNull, .raised: .constraint
            case .invalidValue: .invalidInput
            case .missingRow: .notFound
            case .cancelled, .interrupted: .cancelled
            case .busy, .serialization, .full, .io, .readOnly, .permission, .corrupt, .notADatabase, .outOfMemory,
                .connectionLost, .unavailable, .timeout, .noSuchTable, .newerSchema, .migrationChanged,
                .migrationMissing, .migrationOutOfOrder, .migrationFailed, .noPartition:
                .unavailable
            case .syntax, .decoding, .misuse, .other: .internal
            }
        self.init(code, error.subject ?? "the database", error.message)
    }
}
