internal import WorkflowSyntax

/// Variables by name, in the order in which they were first set.
struct Environment: Sendable {
    private(set) var names: [String] = []
    private var values: [String: String] = [:]

    init() {}

    init(_ values: [String: String]) {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) { self[name] = value }
    }

    subscript(name: String) -> String? {
        get { values[name] }
        set {
            if let newValue {
                if values.updateValue(newValue, forKey: name) == nil { names.append(name) }
            } else if values.removeValue(forKey: name) != nil {
                names.removeAll { $0 == name }
            }
        }
    }

    /// Later values win.
    mutating func merge(_ other: Environment) {
        for name in other.names { self[name] = other.values[name] }
    }

    /// The values of an evaluated `env` mapping.
    mutating func merge(_ value: ExpressionValue) {
        guard case .object(let object) = value else { return }
        for pair in object.pairs { self[pair.key] = pair.value.text }
    }

    /// The `env` context: case counts, as in the environment of a process on Linux.
    var context: ExpressionValue {
        .object(
            ExpressionObject(names.map { ($0, ExpressionValue.string(values[$0] ?? "")) }, caseSensitive: true))
    }

    /// `NAME=value`, as a program is given it.
    var entries: [String] { names.map { "\($0)=\(values[$0] ?? "")" } }
}
