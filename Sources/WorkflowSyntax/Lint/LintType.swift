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

/// The members of an object, found without regard to case.
struct LintObject: Sendable {
    /// As they are written, in order.
    private(set) var names: [String] = []
    /// In the same order.
    private var types: [LintType] = []
    /// By lower-case name, once there are more than a look at each finds quickly.
    private var places: [String: Int] = [:]
    /// The type of members that are not listed; nil when there are none.
    var rest: LintType?

    init(members: [(String, LintType)] = [], rest: LintType? = nil) {
        self.rest = rest
        for (name, type) in members { self[name] = type }
    }

    subscript(name: String) -> LintType? {
        get { place(of: name).map { types[$0] } }
        set {
            let type = newValue ?? .any
            if let place = place(of: name) {
                types[place] = type
                return
            }
            names.append(name)
            types.append(type)
            if names.count == Self.few + 1 {
                for (place, name) in names.enumerated() { places[OrdinalText.lowered(name)] = place }
            } else if names.count > Self.few {
                places[OrdinalText.lowered(name)] = names.count - 1
            }
        }
    }

    private static let few = 8

    private func place(of name: String) -> Int? {
        if names.count > Self.few { return places[OrdinalText.lowered(name)] }
        return names.firstIndex { OrdinalText.same($0, name) }
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
