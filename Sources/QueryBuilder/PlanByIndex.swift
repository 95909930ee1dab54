public import Storage

/// Tells the planner, for this transaction, to read rows by an index in its order. For the few statements that run for
/// every job: their plans are made once and kept, and one of a time when the tables were small would stay. Without a word
/// some would be planned each time, as the planner takes their known values for an advantage.
public struct PlanByIndex: Query {
    private let setting: String

    /// The statement, none where the database has no planner to tell.
    public static func queries(for dialect: Dialect) -> [any Query] {
        dialect.planByIndex.map { [PlanByIndex(setting: $0)] } ?? []
    }

    public func print(into printer: inout SQLPrinter) {
        printer.append(dialectText: setting)
    }
}
