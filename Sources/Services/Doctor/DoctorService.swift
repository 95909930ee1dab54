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
        /// What is wrong with things that have no id.
        public var names: [String] = []
    }

    /// The rules that are checked, in order.
    public static var rules: [String] { ConsistencyCheck.all.map(\.name) + [danglingReference, openLog] }

    private static let danglingReference = "a row refers to one that is not there"
    private static let openLog = "the audit log is not protected from changes"

    /// Every rule that does not hold, in one snapshot; none in a sound database.
    public func check() async throws -> [Finding] {
        try await services.backend.read { db in
            var broken: [(rule: String, ids: [Int64])] = []
            for check in ConsistencyCheck.all {
                broken.append((check.name, try db.run(check.query).map { row in try row["id"] }))
            }
            broken.append((Self.danglingReference, try db.danglingReferences()))
            var findings = broken.filter { !$0.ids.isEmpty }.map { rule, ids in
                Finding(rule: rule, count: ids.count, ids: Array(Set(ids).sorted().prefix(10)))
            }
            let gaps = try AuditProtection.gaps(on: db)
            if !gaps.isEmpty {
                findings.append(Finding(rule: Self.openLog, count: gaps.count, ids: [], names: Array(gaps.prefix(10))))
            }
            return findings
        }
    }
}
