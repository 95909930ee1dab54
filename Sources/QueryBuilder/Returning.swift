/// A statement that can give back the rows it wrote.
public protocol Returning {
    var returned: [SQL] { get set }
}

extension Returning {
    /// The columns or expressions of each written row.
    public func returning(_ columns: SQL...) -> Self {
        var copy = self
        copy.returned += columns
        return copy
    }

    func printReturning(into printer: inout SQLPrinter) {
        if returned.isEmpty { return }
        printer.text(" RETURNING ")
        printer.append(returned, separator: ", ")
    }
}
