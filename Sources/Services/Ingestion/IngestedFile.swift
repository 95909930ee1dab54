internal import Hashing
internal import WorkflowSyntax

/// A workflow file of a commit, as the parser found it.
struct IngestedFile: Sendable {
    let path: String
    let text: String
    let digest: String
    /// Nil when it cannot run.
    let workflow: Workflow?
    /// Why it cannot.
    let errors: [Diagnostic]

    init(_ source: WorkflowSource) {
        path = source.path
        text = source.text
        digest = SHA256.hex(of: source.text)
        workflow = source.workflow
        errors = []
    }

    init(_ path: String, _ text: String) {
        let parsed = WorkflowParser().parse(text, file: path)
        self.path = path
        self.text = Self.storable(text)
        digest = SHA256.hex(of: text)
        workflow = parsed.workflow
        errors = parsed.diagnostics.filter { $0.severity == .error }
    }

    /// What the parser refuses may be no text that a database takes, or without end.
    private static func storable(_ text: String) -> String {
        let limit = WorkflowParser().maximumSize
        guard text.utf8.count > limit || text.utf8.contains(0) else { return text }
        return String(decoding: text.utf8.prefix(limit), as: UTF8.self).replacing("\u{0}", with: "\u{FFFD}")
    }
}
