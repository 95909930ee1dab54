/// One SQL statement in a dialect's text, and the values of its parameters in order.
///
/// Made by the query builder's printing; its initialiser stays inside the package so that text cannot come from outside.
public struct Statement: Sendable, Hashable {
    public let sql: String
    public var parameters: [Value]

    /// `sql` is exactly one statement, with as many placeholders as `parameters`.
    package init(sql: String, parameters: [Value] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}
