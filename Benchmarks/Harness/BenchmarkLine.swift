/// One measured figure.
public struct BenchmarkLine: Sendable {
    /// `storage`, `language`
    public var bench = "storage"
    /// Nil where there is none.
    public var database: String?
    /// `driver.select.raw`
    public var name: String
    public var unit: String
    public var ours: Double
    /// What it is compared with, in the same unit.
    public var floor: Double?
    /// Ours over the floor, or the other way round where more is better.
    public var ratio: Double?
    /// Of the ratio, or of `ours` where nothing is compared.
    public var goal: Goal?

    init(
        _ database: String, _ name: String, _ unit: String, _ ours: Double, floor: Double? = nil,
        ratio: Double? = nil, goal: Goal? = nil
    ) {
        self.database = database
        self.name = name
        self.unit = unit
        self.ours = ours
        self.floor = floor
        self.ratio = ratio
        self.goal = goal
    }

    /// Nil without a goal.
    public var isMet: Bool? {
        goal.map { $0.isMet(by: ratio ?? ours) }
    }

    /// Which way is better, for those who compare two results.
    public enum Better: String, Sendable {
        case more, less
    }

    /// By the unit; nil where neither is.
    public var better: Better? {
        switch unit {
        case "jobs/s", "runs/s", "rows/s", "index": .more
        case "ms", "a job", "statements/s", "bytes a job", "position", Self.faultUnit: .less
        default: nil
        }
    }

    /// Of the language, which needs no database.
    init(
        language name: String, _ unit: String, _ ours: Double, floor: Double? = nil, ratio: Double? = nil,
        goal: Goal? = nil
    ) {
        bench = "language"
        self.name = name
        self.unit = unit
        self.ours = ours
        self.floor = floor
        self.ratio = ratio
        self.goal = goal
    }

    /// Of the queue.
    init(
        queue database: String, _ name: String, _ unit: String, _ ours: Double, floor: Double? = nil,
        ratio: Double? = nil, goal: Goal? = nil
    ) {
        self.init(database, name, unit, ours, floor: floor, ratio: ratio, goal: goal)
        bench = "queue"
    }

    public static let heading = ["database", "what", "ours", "floor", "unit", "ratio", "goal", ""]

    public var cells: [String] {
        [
            database ?? bench, name, Figure.text(ours), floor.map(Figure.text) ?? "", unit,
            ratio.map(Figure.text) ?? "",
            goal?.text ?? "", isMet.map { $0 ? "ok" : "missed" } ?? "",
        ]
    }

    public var json: String {
        let fields = [
            #""v":1,"bench":"\#(bench)""#, database.map { #""database":"\#($0)""# },
            #""name":"\#(name)","unit":"\#(unit)""#, #""ours":\#(Figure.json(ours))"#,
            floor.map { #""floor":\#(Figure.json($0))"# },
            ratio.map { #""ratio":\#(Figure.json($0))"# }, goal.map { #""goal":\#($0.json)"# },
            isMet.map { #""met":\#($0)"# },
        ]
        return "{" + fields.compactMap(\.self).joined(separator: ",") + "}"
    }
}
