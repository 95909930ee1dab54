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
        self.text = text
        digest = SHA256.hex(of: text)
        workflow = parsed.workflow
        errors = parsed.diagnostics.filter { $0.severity == .error }
    }
}
