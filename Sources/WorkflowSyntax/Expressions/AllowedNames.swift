/// The contexts and functions that may be used at a place of a file.
public struct AllowedNames: Sendable {
    /// Lower-case roots: `github`, `env`, …
    public var contexts: Set<String>
    /// Lower-case name of a function beside those that every expression has, to its count of arguments.
    public var functions: [String: ClosedRange<Int>]

    public init(contexts: Set<String> = [], functions: [String: ClosedRange<Int>] = [:]) {
        self.contexts = contexts
        self.functions = functions
    }

    /// Functions of the runner and the server; allowed where no names are given.
    static let contextual: [String: ClosedRange<Int>] = [
        "success": 0...255, "failure": 0...255, "always": 0...0, "cancelled": 0...0, "hashfiles": 1...255,
    ]
}
