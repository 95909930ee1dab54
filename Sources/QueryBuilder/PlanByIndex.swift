public import Storage

/// Tells the planner, for this transaction, that tables are not to be read as a whole. For the few statements that run for
/// every job: their plans are made once and kept, and one of a time when the tables were small would stay.
public struct PlanByIndex: Query {
    public init() {}

    /// The statement where the database has a planner to tell.
    public static func queries(for dialect: Dialect) -> [any Query] {
        dialect.planByIndex == nil ? [] : [PlanByIndex()]
    }

    public func print(into printer: inout SQLPrinter) {
        printer.append(dialectText: printer.dialect.planByIndex ?? "SELECT 1")
    }
}
