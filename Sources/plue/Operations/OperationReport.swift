internal import WorkflowSyntax

/// What a command that works on the database itself has done: a line for people, or a JSON object on standard output.
struct OperationReport {
    private let text: String
    private let record: ExpressionObject

    /// `type` says of what the object is: `backup`.
    init(_ type: String, _ text: String, _ members: [(String, ExpressionValue)]) {
        self.text = text
        record = ExpressionObject([("v", .number(1)), ("type", .string(type))] + members)
    }

    func show(asJSON: Bool) {
        if asJSON {
            Standard.line(ExpressionValue.object(record).json(pretty: false))
        } else {
            Standard.errorLine(text)
        }
    }
}
