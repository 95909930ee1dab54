internal import WorkflowSyntax

/// Two results of a benchmark, figure by figure.
public struct BenchmarkComparison: Sendable {
    public enum Change: String, Sendable {
        case better, worse
        /// Within the tolerance, or neither way is better.
        case same = ""
        /// Only one of the results has it.
        case onlyA = "only in A"
        case onlyB = "only in B"
    }

    public struct Row: Sendable {
        public var database: String
        public var name: String
        public var unit: String
        public var a: Double?
        public var b: Double?
        public var change: Change

        /// B over A; nil where there is none.
        public var ratio: Double? {
            guard let a, let b, a != 0 else { return nil }
            return b / a
        }

        public var cells: [String] {
            [
                database, name, a.map(Figure.text) ?? "", b.map(Figure.text) ?? "", unit,
                ratio.map(Figure.text) ?? "", change.rawValue,
            ]
        }
    }

    public static let heading = ["database", "what", "A", "B", "unit", "B/A", ""]

    public let rows: [Row]
    /// What B lost, did twice or did out of order; 0 is well.
    public let faults: Double

    /// - Parameter tolerance: 0.1: what differs by a tenth of A is the same.
    ///
    /// Throws ``BenchmarkError`` when a text is no result, or both have no figure in common.
    public init(_ a: (name: String, json: String), _ b: (name: String, json: String), tolerance: Double) throws {
        let (first, second) = (try Reading(a.json, a.name), try Reading(b.json, b.name))
        var left = second.figures
        var rows: [Row] = []
        for old in first.figures {
            guard let at = left.firstIndex(where: { $0.key == old.key }) else {
                rows.append(old.row(a: old.ours, b: nil, .onlyA))
                continue
            }
            let new = left.remove(at: at)
            rows.append(new.row(a: old.ours, b: new.ours, Self.change(old, new, tolerance)))
        }
        guard rows.contains(where: { $0.change != .onlyA }) else {
            throw BenchmarkError("\(a.name) and \(b.name) have no figure in common: they are of different parts")
        }
        self.rows = rows + left.map { $0.row(a: nil, b: $0.ours, .onlyB) }
        faults = second.faults
    }

    /// Whether B is not good enough to take the place of A.
    public var isWorse: Bool { faults > 0 || rows.contains { $0.change == .worse } }

    private static func change(_ old: Reading.Figure, _ new: Reading.Figure, _ tolerance: Double) -> Change {
        // A figure that could not be measured any more is worse than any.
        guard let a = old.ours else { return .same }
        guard let b = new.ours else { return .worse }
        guard let better = new.better, (b - a).magnitude > a.magnitude * tolerance else { return .same }
        return (b > a) == (better == .more) ? .better : .worse
    }

    /// A `result.json`.
    private struct Reading {
        struct Figure {
            var database: String
            var name: String
            var unit: String
            var ours: Double?
            var better: BenchmarkLine.Better?

            var key: [String] { [database, name, unit] }

            func row(a: Double?, b: Double?, _ change: Change) -> Row {
                Row(database: database, name: name, unit: unit, a: a, b: b, change: change)
            }
        }

        var figures: [Figure] = []
        var faults = 0.0

        init(_ text: String, _ file: String) throws {
            let value: ExpressionValue
            do {
                value = try ExpressionValue(json: text)
            } catch {
                throw BenchmarkError("\(file): it is no JSON: \(error.message)")
            }
            guard case .object(let result) = value, case .number(let version)? = result["v"] else {
                throw BenchmarkError("\(file): it is no result of `plue bench queue --output`: it has no \"v\"")
            }
            guard version == 1 else {
                throw BenchmarkError("\(file): its version is \(Int(exactly: version) ?? -1), this program reads 1")
            }
            guard case .array(let list)? = result["figures"], case .number(let faults)? = result["faults"] else {
                throw BenchmarkError("\(file): \"figures\" (a list) or \"faults\" (a number) is missing")
            }
            self.faults = faults
            for (index, element) in list.elements.enumerated() {
                guard case .object(let figure) = element, case .string(let name)? = figure["name"],
                    case .string(let unit)? = figure["unit"]
                else { throw BenchmarkError("\(file): figures[\(index)] has no \"name\" or no \"unit\"") }
                figures.append(
                    Figure(
                        database: figure["database"]?.text ?? "", name: name, unit: unit,
                        ours: Self.number(figure["ours"]),
                        better: (figure["better"]?.text).flatMap(BenchmarkLine.Better.init(rawValue:))))
            }
        }

        private static func number(_ value: ExpressionValue?) -> Double? {
            guard case .number(let number)? = value else { return nil }
            return number
        }
    }
}
