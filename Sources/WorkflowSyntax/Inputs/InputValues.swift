/// The `inputs` context from what is given and what the file declares.
public enum InputValues {
    /// For `workflow_dispatch`: texts from a person or an API. A choice must be one of its options, a required input
    /// without a default must be given, an unknown one is refused.
    ///
    /// - Throws: kind `evaluation`, naming the input.
    /// - Returns: the `inputs` context, typed. `github.event.inputs` has the same values as strings.
    public static func dispatched(
        _ given: [String: String], for inputs: [WorkflowInput]
    ) throws(ExpressionError) -> ExpressionObject {
        for name in given.keys.sorted() where !inputs.contains(where: { OrdinalText.same($0.name, name) }) {
            let hint = Nearest.hint(for: name, among: inputs.map(\.name)).map { " (\($0))" } ?? ""
            throw ExpressionError(.evaluation, "Unexpected input '\(name)' provided\(hint)")
        }
        var values: [(String, ExpressionValue)] = []
        for input in inputs {
            let text = given.first { OrdinalText.same($0.key, input.name) }?.value ?? input.defaultValue?.literalText
            guard let text else {
                if input.required {
                    throw ExpressionError(.evaluation, "Required input '\(input.name)' not provided")
                }
                values.append((input.name, absent(input)))
                continue
            }
            values.append((input.name, try value(text, of: input)))
        }
        return ExpressionObject(values)
    }

    /// For `workflow_call`: the evaluated `with`, checked against the declared types; defaults are evaluated in the
    /// callee's context. `position` is the place of the call. An input that is not given is `false`, `0` or `''`.
    public static func called(
        _ given: ExpressionObject?, for interface: WorkflowCallInterface, in context: ExpressionContext,
        at position: SourcePosition
    ) throws(TemplateError) -> ExpressionObject {
        for pair in given?.pairs ?? [] where !interface.inputs.contains(where: { OrdinalText.same($0.name, pair.key) })
        {
            throw TemplateError(
                "Invalid input, \(pair.key) is not defined in the referenced workflow.", at: position)
        }
        var values: [(String, ExpressionValue)] = []
        for input in interface.inputs {
            var value = given?[input.name]
            if value == nil, let defaultValue = input.defaultValue { value = try defaultValue.evaluate(in: context) }
            guard let value else {
                if input.required {
                    throw TemplateError(
                        "Input \(input.name) is required, but not provided while calling.", at: position)
                }
                values.append((input.name, absent(input)))
                continue
            }
            guard let fitting = fitted(value, to: input) else {
                throw TemplateError(
                    "The value '\(value.text)' of the input '\(input.name)' is no \(input.type.rawValue)",
                    at: input.position)
            }
            values.append((input.name, fitting))
        }
        return ExpressionObject(values)
    }

    private static func absent(_ input: WorkflowInput) -> ExpressionValue {
        switch input.type {
        case .boolean: .boolean(false)
        case .number: .number(0)
        case .string, .environment: .string("")
        case .choice: .string(input.options.first ?? "")
        }
    }

    private static func value(_ text: String, of input: WorkflowInput) throws(ExpressionError) -> ExpressionValue {
        if input.type == .choice, !input.options.contains(text) {
            throw ExpressionError(
                .evaluation,
                "The value '\(text)' of the input '\(input.name)' is none of: \(input.options.joined(separator: ", "))")
        }
        if input.required, text.isEmpty {
            throw ExpressionError(.evaluation, "Required input '\(input.name)' not provided")
        }
        guard let value = fitted(.string(text), to: input) else {
            throw ExpressionError(
                .evaluation, "The value '\(text)' of the input '\(input.name)' is no \(input.type.rawValue)")
        }
        return value
    }

    /// Nil when the value is of another type. What expressions yield is often a string.
    private static func fitted(_ value: ExpressionValue, to input: WorkflowInput) -> ExpressionValue? {
        switch (input.type, value) {
        case (.boolean, .boolean), (.number, .number): return value
        case (.boolean, .string(let text)):
            switch text.lowercased() {
            case "true": return .boolean(true)
            case "false", "": return .boolean(false)
            default: return nil
            }
        case (.number, .string), (.number, .null):
            return value.number.isNaN ? nil : .number(value.number)
        case (.boolean, .null): return .boolean(false)
        case (.boolean, _), (.number, _), (_, .array), (_, .object): return nil
        default: return .string(value.text)
        }
    }
}
