import ArgumentParser
internal import Execution
internal import WorkflowSyntax

/// `plue eval`: the value of an expression.
struct EvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "eval", abstract: "Print the value of an expression.")

    @Argument(help: "The expression, with or without ${{ }}.") var expression: String
    @Option(help: "A JSON file: an object of contexts by name.") var contexts: String?
    @Flag(help: "As {\"kind\":…,\"value\":…}.") var json = false

    mutating func run() async throws {
        var text = expression
        if text.trimmed.hasPrefix("${{"), text.trimmed.hasSuffix("}}") {
            text = String(text.trimmed.dropFirst(3).dropLast(2))
        }
        var context = ExpressionContext()
        if let contexts {
            guard let source = Files.text(Directories.absolute(contexts)) else {
                throw CommandError(ExitStatus.usage, "\(contexts): there is no such file")
            }
            guard case .object(let object) = try ExpressionValue(json: source) else {
                throw CommandError(ExitStatus.usage, "\(contexts): expected a JSON object")
            }
            for pair in object.pairs { context.values[pair.key.lowercased()] = pair.value }
        }
        let names = AllowedNames(contexts: Set(context.values.keys), functions: [:])
        let value = try Expression(text, allowing: names).evaluate(in: context)
        guard json else { return Standard.line(plain(value)) }
        let record = ExpressionObject([("kind", .string(value.kindName)), ("value", value)])
        Standard.line(ExpressionValue.object(record).json(pretty: false))
    }

    private func plain(_ value: ExpressionValue) -> String {
        switch value {
        case .array, .object: value.json(pretty: true)
        default: value.text
        }
    }
}
