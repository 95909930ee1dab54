public import WorkflowSyntax

/// Why a service refused a call.
public struct ServiceError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case notFound = "not_found"
        case illegalTransition = "illegal_transition"
        case staleAssignment = "stale_assignment"
        case invalidWorkflow = "invalid_workflow"
        /// A value that the call cannot take.
        case invalidInput = "invalid_input"
        case conflict
        case limit
        /// The principal may not do that.
        case forbidden
    }

    public var code: Code
    /// What the call was about: `run 42`.
    public var subject: String
    public var message: String
    /// Of an invalid workflow: everything that is wrong.
    public var diagnostics: [Diagnostic] = []

    public init(_ code: Code, _ subject: String, _ message: String) {
        self.code = code
        self.subject = subject
        self.message = message
    }

    /// `invalid_workflow`, at the diagnostic's place.
    init(_ diagnostic: Diagnostic) {
        let position = diagnostic.position
        self.init(
            .invalidWorkflow, "\(diagnostic.file):\(position.line):\(position.column)", diagnostic.message)
        diagnostics = [diagnostic]
    }

    public var description: String { "\(subject): \(message)" }
}
