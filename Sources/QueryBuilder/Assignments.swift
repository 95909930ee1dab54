/// Columns with the values they are set to, in order.
public typealias Assignments = KeyValuePairs<StaticString, any Bindable>

struct Assignment: Sendable {
    let column: StaticString
    let part: SQL.Part
}

extension [Assignment] {
    init(_ pairs: Assignments) {
        self = pairs.map { Assignment(column: $0.key, part: $0.value.term.part) }
    }

    /// `a = ?, b = ?`
    func print(into printer: inout SQLPrinter) {
        for (index, assignment) in enumerated() {
            if index > 0 { printer.text(", ") }
            printer.text(assignment.column)
            printer.text(" = ")
            printer.append(assignment.part)
        }
    }
}
