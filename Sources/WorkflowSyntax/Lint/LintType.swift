/// What is known of a value before a run.
indirect enum LintType: Sendable {
    case any
    case null
    case boolean
    case number
    case string
    case array(LintType)
    /// What `.*` gives: properties map over it.
    case filtered(LintType)
    case object(LintObject)

    /// An object with any members.
    static let open = LintType.object(LintObject(rest: .any))

    static func strict(_ members: [(String, LintType)]) -> LintType {
        .object(LintObject(members: members))
    }

    var name: String {
        switch self {
        case .any: "any"
        case .null: "null"
        case .boolean: "boolean"
        case .number: "number"
        case .string: "string"
        case .array, .filtered: "array"
        case .object: "object"
        }
    }

    /// What holds for both.
    func merged(with other: LintType) -> LintType {
        switch (self, other) {
        case (.null, .null): .null
        case (.boolean, .boolean): .boolean
        case (.number, .number): .number
        case (.string, .string): .string
        case (.array(let a), .array(let b)): .array(a.merged(with: b))
        case (.filtered(let a), .filtered(let b)): .filtered(a.merged(with: b))
        case (.object(let a), .object(let b)): .object(a.merged(with: b))
        default: .any
        }
    }

    /// What a literal of a file, or of `fromJSON`, is.
    init(_ value: ExpressionValue) {
        switch value {
        case .null: self = .null
        case .boolean: self = .boolean
        case .number: self = .number
        case .string: self = .string
        case .array(let array): self = .array(LintType.common(array.elements.map { LintType($0) }))
        case .object(let object): self = .strict(object.pairs.map { ($0.key, LintType($0.value)) })
        }
    }

    static func common(_ types: [LintType]) -> LintType {
        guard let first = types.first else { return .any }
        return types.dropFirst().reduce(first) { $0.merged(with: $1) }
    }
}

/// The members of an object.
struct LintObject: Sendable {
    /// By lower-case name.
    private(set) var members: [String: LintType] = [:]
    /// As they are written, in order.
    private(set) var names: [String] = []
    /// The type of members that are not listed; nil when there are none.
    var rest: LintType?

    init(members: [(String, LintType)] = [], rest: LintType? = nil) {
        self.rest = rest
        for (name, type) in members { self[name] = type }
    }

    subscript(name: String) -> LintType? {
        get { members[name.lowercased()] }
        set {
            if members.updateValue(newValue ?? .any, forKey: name.lowercased()) == nil { names.append(name) }
        }
    }

    func merged(with other: LintObject) -> LintObject {
        var merged = self
        for name in other.names {
            let type = other[name] ?? .any
            merged[name] = self[name].map { $0.merged(with: type) } ?? type
        }
        merged.rest = rest ?? other.rest
        return merged
    }
}
