internal import WorkflowSyntax

/// An input of `workflow_dispatch`.
public struct WorkflowInput: Sendable, Hashable {
    public enum InputType: String, Sendable {
        case string, boolean, number, choice, environment
    }

    public var description: String?
    public var type: InputType
    public var required: Bool
    /// As a text.
    public var `default`: String?
    /// Of a choice.
    public var options: [String]

    public init(
        description: String? = nil, type: InputType = .string, required: Bool = false, default: String? = nil,
        options: [String] = []
    ) {
        self.description = description
        self.type = type
        self.required = required
        self.default = `default`
        self.options = options
    }

    init(_ input: WorkflowSyntax.WorkflowInput) {
        self.init(
            description: input.description, type: InputType(rawValue: input.type.rawValue) ?? .string,
            required: input.required, default: input.defaultValue.flatMap { JSONValue($0.plainValue).scalarText },
            options: input.options)
    }

    var json: JSONValue {
        var writer = MemberWriter(rest: [])
        writer.add("description", description)
        writer.add("type", type.rawValue)
        if required { writer.add("required", .boolean(true)) }
        switch type {
        case .boolean: writer.add("default", `default`.map { .boolean($0 == "true") })
        case .number: writer.add("default", `default`.flatMap(Double.init).map { .number($0) })
        case .string, .choice, .environment: writer.add("default", `default`)
        }
        writer.add("options", options)
        return writer.object
    }
}
