internal import QueryBuilder

/// A rule that holds between any two transactions: its query finds what breaks it, by `id`, so none may find a row.
struct ConsistencyCheck: Sendable {
    /// What is wrong when it finds something.
    let name: String
    let query: SQL

    init(_ name: String, _ query: SQL) {
        self.name = name
        self.query = query
    }

    static let all = runs + jobs + queue + records
}
