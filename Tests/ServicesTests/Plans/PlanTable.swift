import BenchmarkHarness

/// What the hot queries read, as a table in Markdown.
struct PlanTable {
    private struct Line {
        var postgres: OperationCost?
        var sqlite: OperationCost?
    }

    private let data: ScaleData
    private var names: [String] = []
    private var lines: [String: Line] = [:]

    init(data: ScaleData) {
        self.data = data
    }

    mutating func add(_ name: String, _ cost: OperationCost, _ target: BenchmarkTarget) {
        if lines[name] == nil { names.append(name) }
        switch target {
        case .sqlite: lines[name, default: Line()].sqlite = cost
        case .postgres: lines[name, default: Line()].postgres = cost
        }
    }

    var text: String {
        let heading = """
            Beside \(data.runs) runs, \(data.runs * data.jobs) job executions and a log of \(data.lines) lines. Rows are
            those that PostgreSQL's scans looked at, steps the instructions of SQLite's virtual machine; blocks and pages
            hold 8 and 4 KiB. Written by `scripts/acceptance storage --part plans`.

            | query | statements | rows | blocks | steps | pages | indexes (PostgreSQL) |
            | --- | --: | --: | --: | --: | --: | --- |

            """
        return heading + names.map(line).joined()
    }

    private func line(_ name: String) -> String {
        let found = lines[name] ?? Line()
        var cells = [name, "\(found.postgres?.statements ?? found.sqlite?.statements ?? 0)"]
        cells += Self.cells(found.postgres) + Self.cells(found.sqlite)
        let indexes = (found.postgres ?? found.sqlite)?.indexes ?? []
        cells.append(indexes.map { $0.replacing("actions_", with: "") }.sorted().joined(separator: ", "))
        return "| " + cells.joined(separator: " | ") + " |\n"
    }

    private static func cells(_ cost: OperationCost?) -> [String] {
        guard let cost else { return ["", ""] }
        return ["\(cost.rows)", "\(cost.blocks)"]
    }
}
