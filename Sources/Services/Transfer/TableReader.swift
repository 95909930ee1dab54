internal import Hashing
internal import QueryBuilder
internal import Storage

/// Reads a table from beginning to end, in the order of its primary key, a batch at a time.
struct TableReader {
    private static let batch = 1000

    let table: TableInfo

    /// Every row as a line of an export; returns rows and digest.
    func lines(
        on db: isolated any StorageConnection, _ body: ([UInt8]) throws -> Void
    ) throws -> TableDigest {
        var hash = SHA256()
        var count = 0
        var last: [Value]?
        let key = table.primaryKey
        while true {
            let rows = try db.run(page(after: last))
            for row in rows {
                var line: [UInt8] = [UInt8(ascii: "[")]
                for (index, column) in table.columns.enumerated() {
                    if index > 0 { line.append(UInt8(ascii: ",")) }
                    try TransferFormat.append(try row.value(column.name), to: &line)
                }
                line += "]\n".utf8
                line.withUnsafeBytes { hash.update($0) }
                try body(line)
            }
            count += rows.count
            guard rows.count == Self.batch, let end = rows.last else { break }
            last = try key.map { try end.value($0) }
        }
        return TableDigest(table: table.name, rows: count, sha256: SHA256.hex(hash.finalize()))
    }

    private func page(after last: [Value]?) -> Select {
        // In the order of bytes: a database may sort texts by a language.
        let key = table.primaryKey.map { name in
            let isText = table.columns.contains { $0.name == name && $0.kind == .text }
            return isText ? SQL(bytesOf: name) : SQL(identifier: name)
        }
        let query = Select(table.columns.map { SQL(identifier: $0.name) }).from(SQL(identifier: table.name))
            .orderBy(SQL.list(key)).limit(Self.batch)
        guard let last else { return query }
        return query.where("(\(SQL.list(key))) > (\(SQL.list(last.map { "\($0)" })))")
    }
}
