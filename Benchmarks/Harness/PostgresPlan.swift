internal import WorkflowSyntax

/// What `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)` says: https://www.postgresql.org/docs/current/sql-explain.html
struct PostgresPlan {
    private let plan: ExpressionObject

    init(_ json: String) throws {
        guard case .array(let list) = try ExpressionValue(json: json), case .object(let root)? = list.elements.first,
            case .object(let plan)? = root["Plan"]
        else { throw BenchmarkError("no plan in \(json.prefix(200))") }
        self.plan = plan
    }

    func cost(_ sql: String) -> OperationCost {
        var cost = OperationCost(statements: 1)
        cost.blocks = Int(Self.number(plan, "Shared Hit Blocks") + Self.number(plan, "Shared Read Blocks"))
        Self.visit(plan, &cost)
        if !cost.fullScans.isEmpty { cost.offenders = [sql] }
        return cost
    }

    private static func visit(_ node: ExpressionObject, _ cost: inout OperationCost) {
        let loops = number(node, "Actual Loops")
        guard loops > 0 else { return }
        if case .array(let children)? = node["Plans"] {
            for case .object(let child) in children.elements { visit(child, &cost) }
        }
        if let index = text(node, "Index Name") { cost.indexes.insert(withoutMonth(index)) }
        guard let table = text(node, "Relation Name"), let type = text(node, "Node Type"), type.hasSuffix("Scan")
        else { return }
        let seen =
            number(node, "Actual Rows") + number(node, "Rows Removed by Filter")
            + number(node, "Rows Removed by Index Recheck")
        cost.rows += Int(seen * loops)
        // An empty partition is read from end to end, too.
        if type == "Seq Scan", seen > 0 { cost.fullScans.insert(withoutMonth(table)) }
    }

    private static func number(_ node: ExpressionObject, _ key: String) -> Double {
        if case .number(let number)? = node[key] { number } else { 0 }
    }

    private static func text(_ node: ExpressionObject, _ key: String) -> String? {
        if case .string(let text)? = node[key] { text } else { nil }
    }

    /// `actions_log_chunks_202611_pkey` is `actions_log_chunks_pkey` for that month.
    private static func withoutMonth(_ name: String) -> String {
        name.split(separator: "_").filter { !($0.count == 6 && $0.allSatisfy(\.isNumber)) }.joined(separator: "_")
    }
}
