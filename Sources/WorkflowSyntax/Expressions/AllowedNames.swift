/// The contexts and functions that may be used at a place of a file.
public struct AllowedNames: Sendable {
    private enum Names {
        case listed(contexts: Set<String>, functions: [String: ClosedRange<Int>])
        case schema(SchemaNames)
    }

    private let names: Names

    /// - Parameters:
    ///   - contexts: lower-case roots: `github`, `env`, …
    ///   - functions: lower-case name of a function beside those that every expression has, to its count of arguments.
    public init(contexts: Set<String> = [], functions: [String: ClosedRange<Int>] = [:]) {
        names = .listed(contexts: contexts, functions: functions)
    }

    init(_ names: SchemaNames) {
        self.names = .schema(names)
    }

    /// By lower-case name.
    func allows(context name: String) -> Bool {
        switch names {
        case .listed(let contexts, _): contexts.contains(name)
        case .schema(let names): names.allows(context: name)
        }
    }

    /// The count of arguments of a function of the place, by lower-case name; nil when there is none.
    func parameters(of function: String) -> ClosedRange<Int>? {
        switch names {
        case .listed(_, let functions): functions[function]
        case .schema(let names): names.parameters(of: function)
        }
    }

    /// Functions of the runner and the server; allowed where no names are given.
    static let contextual: [String: ClosedRange<Int>] = [
        "success": 0...255, "failure": 0...255, "always": 0...0, "cancelled": 0...0, "hashfiles": 1...255,
    ]
}
