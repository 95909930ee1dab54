/// What an expression is evaluated against: named values (`github`, `env`, …) and the functions that depend on
/// where it stands (`success`, `failure`, `always`, `cancelled`, `hashFiles`).
public struct ExpressionContext: Sendable {
    public typealias Function = @Sendable ([ExpressionValue]) throws(ExpressionError) -> ExpressionValue

    /// By lower-case name.
    public var values: [String: ExpressionValue]
    /// By lower-case name; beside the functions that every expression has.
    public var functions: [String: Function]
    /// Bytes that one evaluation may produce (2 for a UTF-16 unit); nil is GitHub's default: 1 MiB for an
    /// expression alone, 10 MiB for the expressions of a template.
    public var maximumMemory: Int?

    public init(
        values: [String: ExpressionValue] = [:], functions: [String: Function] = [:], maximumMemory: Int? = nil
    ) {
        self.values = values
        self.functions = functions
        self.maximumMemory = maximumMemory
    }
}
