/// The value of an expression. Arrays and objects compare by identity, as in GitHub's evaluator.
public enum ExpressionValue: Sendable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array(ExpressionArray)
    case object(ExpressionObject)
}

/// An immutable array with an identity.
public final class ExpressionArray: Sendable {
    public let elements: [ExpressionValue]
    /// Made by `.*`: later indexes map over the elements.
    let isFiltered: Bool

    public init(_ elements: [ExpressionValue]) {
        self.elements = elements
        self.isFiltered = false
    }

    init(filtered elements: [ExpressionValue]) {
        self.elements = elements
        self.isFiltered = true
    }
}

extension ExpressionValue {
    /// null, false, 0, NaN and '' are false; all else, also empty arrays and objects, is true.
    public var isTruthy: Bool {
        switch self {
        case .null: false
        case .boolean(let value): value
        case .number(let value): !(value == 0 || value.isNaN)
        case .string(let value): !value.isEmpty
        case .array, .object: true
        }
    }

    /// GitHub's coercion to a string: `''`, `true`, .NET `G15`, `Array`, `Object`.
    public var text: String {
        switch self {
        case .null: ""
        case .boolean(let value): value ? "true" : "false"
        case .number(let value): NumberText.print(value)
        case .string(let value): value
        case .array: "Array"
        case .object: "Object"
        }
    }

    /// GitHub's coercion to a number: null is 0, true 1, a string by its text; arrays and objects are NaN.
    public var number: Double {
        switch self {
        case .null: 0
        case .boolean(let value): value ? 1 : 0
        case .number(let value): value
        case .string(let value): NumberText.parse(value)
        case .array, .object: .nan
        }
    }

    /// `Null`, `Boolean`, `Number`, `String`, `Array` or `Object`.
    public var kindName: String {
        switch self {
        case .null: "Null"
        case .boolean: "Boolean"
        case .number: "Number"
        case .string: "String"
        case .array: "Array"
        case .object: "Object"
        }
    }

    /// `==` of expressions: kinds that differ become numbers, strings compare without regard to case, arrays and
    /// objects by identity, NaN equals nothing.
    public func isEqual(to other: ExpressionValue) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.boolean(let a), .boolean(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): OrdinalText.same(a, b)
        case (.array(let a), .array(let b)): a === b
        case (.object(let a), .object(let b)): a === b
        case (.array, _), (.object, _), (_, .array), (_, .object): false
        default: number == other.number
        }
    }

    /// `>` of expressions, with the coercions of ``isEqual(to:)``.
    func isGreater(than other: ExpressionValue) -> Bool {
        switch (self, other) {
        case (.null, .null): false
        case (.boolean(let a), .boolean(let b)): a && !b
        case (.number(let a), .number(let b)): a > b
        case (.string(let a), .string(let b)): OrdinalText.compare(a, b) > 0
        case (.array, _), (.object, _), (_, .array), (_, .object): false
        default: number > other.number
        }
    }
}
