/// A statement with a WHERE. Every condition must hold.
public protocol Filterable {
    var conditions: [SQL] { get set }
}

extension Filterable {
    /// Adds a condition.
    public func `where`(_ condition: SQL) -> Self {
        var copy = self
        copy.conditions.append(condition)
        return copy
    }

    /// Adds a condition.
    public func and(_ condition: SQL) -> Self {
        self.where(condition)
    }

    func printConditions(into printer: inout SQLPrinter) {
        if conditions.isEmpty { return }
        printer.text(" WHERE ")
        if conditions.count == 1 {
            printer.append(conditions[0])
        } else {
            printer.text("(")
            printer.append(conditions, separator: ") AND (")
            printer.text(")")
        }
    }
}
