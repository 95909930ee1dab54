internal import QueryBuilder
internal import Storage

/// Looks for what must not be.
public struct DoctorService: Sendable {
    let services: Services

    /// One broken rule.
    public struct Finding: Sendable {
        public var rule: String
        public var count: Int
        /// Some of the rows' ids, the smallest first.
        public var ids: [Int64]
    }

    /// The rules that are checked, in order.
    public static var rules: [String] { ConsistencyCheck.all.map(\.name) }

    /// Every rule that does not hold, in one snapshot; none in a sound database.
    public func check() async throws -> [Finding] {
        try await services.backend.read { db in
            try ConsistencyCheck.all.compactMap { check in
                let rows = try db.run(check.query)
                guard !rows.isEmpty else { return nil }
                let ids = try rows.map { row in try row["id"] as Int64 }
                return Finding(rule: check.name, count: ids.count, ids: Array(Set(ids).sorted().prefix(10)))
            }
        }
    }
}
