public import WorkflowSyntax

/// A workflow file as it is stored: its path in the repository, its text and what the parser made of it.
public struct WorkflowSource: Sendable {
    public var path: String
    public var text: String
    public var workflow: Workflow

    public init(path: String, text: String, workflow: Workflow) {
        self.path = path
        self.text = text
        self.workflow = workflow
    }
}
