public import Storage

/// Many rows that a statement takes as one parameter and reads as a table, so that its text does not depend on their
/// number:
///
///     static let given = RowTable([("id", .integer), ("note", .text)])
///     Select("given.note").from(given.sql("given", arguments[0]))      // with try given.value(rows, for: db.dialect)
public struct RowTable: Sendable {
    public enum ColumnType: Sendable {
        case integer, text, boolean
        /// A ``Timestamp``.
        case moment
    }

    let columns: [(name: StaticString, type: ColumnType)]

    public init(_ columns: [(StaticString, ColumnType)]) {
        self.columns = columns.map { (name: $0.0, type: $0.1) }
    }

    /// The table; `rows` is what ``value(_:for:)`` gives.
    public func sql(_ alias: StaticString, _ rows: some Bindable) -> SQL {
        SQL([.rowTable(self, alias, [rows.term.part])])
    }

    /// The rows, each as long as the columns, as one value. Throws `misuse` for a row of another length, `invalidValue`
    /// for what JSON cannot hold.
    public func value(_ rows: [[Value]], for dialect: Dialect) throws(StorageError) -> Value {
        var json: [UInt8] = [UInt8(ascii: "[")]
        for (number, row) in rows.enumerated() {
            guard row.count == columns.count else {
                throw StorageError(.misuse, "a row has \(row.count) values for \(columns.count) columns")
            }
            json += (number == 0 ? "{" : ",{").utf8
            for (index, value) in row.enumerated() {
                if index > 0 { json.append(UInt8(ascii: ",")) }
                try JSONText.append(columns[index].name.description, to: &json)
                json.append(UInt8(ascii: ":"))
                if dialect.list == .jsonEach, case .timestamp(let moment) = value {
                    try JSONText.append(.integer(moment.microseconds), to: &json)
                } else {
                    try JSONText.append(value, to: &json)
                }
            }
            json.append(UInt8(ascii: "}"))
        }
        json.append(UInt8(ascii: "]"))
        return .text(String(decoding: json, as: UTF8.self))
    }

    func print(as alias: StaticString, _ rows: [SQL.Part], into printer: inout SQLPrinter) {
        switch printer.dialect.list {
        case .anyArray:
            printer.text("json_to_recordset(")
            printer.append(SQL(rows))
            printer.append(dialectText: printer.dialect.jsonCast)
            printer.text(") AS ")
            printer.text(alias)
            for (index, column) in columns.enumerated() {
                printer.text(index == 0 ? " (" : ", ")
                printer.text(column.name)
                switch column.type {
                case .integer: printer.text(" bigint")
                case .text: printer.text(" text")
                case .boolean: printer.text(" boolean")
                case .moment: printer.text(" timestamptz")
                }
            }
            printer.text(")")
        case .jsonEach:
            for (index, column) in columns.enumerated() {
                printer.text(index == 0 ? "(SELECT value ->> '$." : ", value ->> '$.")
                printer.text(column.name)
                printer.text("' AS ")
                printer.text(column.name)
            }
            printer.text(" FROM json_each(")
            printer.append(SQL(rows))
            printer.text(")) AS ")
            printer.text(alias)
        }
    }
}
