import CLibPQ
import Storage

/// A result's columns and how each is read.
struct Shape {
    private let columns: Columns
    private let decoders: [Decoder]

    init(_ result: PostgresResult) {
        let names = result.columnNames
        columns = Columns(names)
        decoders = zip(result.columnTypes, names).map { Decoder(type: $0, column: $1) }
    }

    /// Whether another result of the same statement has the same columns.
    func matches(_ result: PostgresResult) -> Bool {
        guard Int(plue_PQnfields(result.pointer)) == decoders.count else { return false }
        for (index, decoder) in decoders.enumerated() {
            guard plue_PQftype(result.pointer, Int32(index)) == decoder.type else { return false }
        }
        return true
    }

    func rows(_ result: PostgresResult) throws(StorageError) -> Rows {
        let count = plue_PQntuples(result.pointer)
        let changes = result.changes
        guard count > 0, !decoders.isEmpty else { return Rows(changes: changes) }
        var values: [Value] = []
        values.reserveCapacity(Int(count) * decoders.count)
        for row in 0..<count {
            for (index, decoder) in decoders.enumerated() {
                let column = Int32(index)
                if plue_PQgetisnull(result.pointer, row, column) == 1 {
                    values.append(.null)
                } else {
                    let length = Int(plue_PQgetlength(result.pointer, row, column))
                    let start = UnsafeRawPointer(plue_PQgetvalue(result.pointer, row, column))
                    values.append(try decoder.value(UnsafeRawBufferPointer(start: start, count: length)))
                }
            }
        }
        return Rows(columns: columns, values: values, changes: changes)
    }
}
