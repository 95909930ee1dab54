internal import WorkflowSyntax

/// A JSON value; an object keeps the order of its members.
public enum JSONValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// A member of an object.
    public struct Member: Sendable, Hashable {
        public var name: String
        public var value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// Reads a JSON text. Throws ``ActionsError`` `invalid_input`.
    public init(_ text: String) throws {
        do {
            self.init(try ExpressionValue(json: text))
        } catch {
            throw ActionsError(.invalidInput, "a JSON text", "\(error)")
        }
    }

    /// Compact JSON.
    public var text: String { value.json(pretty: false) }

    /// That member of an object.
    public subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    init(_ value: ExpressionValue) {
        switch value {
        case .null: self = .null
        case .boolean(let boolean): self = .boolean(boolean)
        case .number(let number): self = .number(number)
        case .string(let text): self = .string(text)
        case .array(let list): self = .array(list.elements.map { JSONValue($0) })
        case .object(let object): self = .object(object.pairs.map { Member($0.key, JSONValue($0.value)) })
        }
    }

    var value: ExpressionValue {
        switch self {
        case .null: .null
        case .boolean(let boolean): .boolean(boolean)
        case .number(let number): .number(number)
        case .string(let text): .string(text)
        case .array(let items): .array(ExpressionArray(items.map(\.value)))
        case .object(let members):
            .object(ExpressionObject(members.map { ($0.name, $0.value.value) }, caseSensitive: true))
        }
    }

    /// A scalar as the text that a step sees.
    var scalarText: String? {
        switch self {
        case .boolean, .number, .string: value.text
        case .null: ""
        case .array, .object: nil
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
}
