import CLibPQ
import Storage

/// Binary COPY: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
extension PostgresConnection: BulkCopying {
    /// Bytes sent at a time.
    private static var chunk: Int { 64 * 1024 }

    func copy(
        into table: StaticString, _ columns: [StaticString], _ rows: [[Value]]
    ) throws(StorageError) -> Int {
        let target = "\(table) (" + columns.map(\.description).joined(separator: ", ") + ")"
        if let row = rows.first(where: { $0.count != columns.count }) {
            throw StorageError(.misuse, "a row to copy has \(row.count) values for \(columns.count) columns")
        }
        if rows.isEmpty || columns.isEmpty { return 0 }
        let types = try columnTypes(table, columns)
        let data = try encode(rows, columns, types)
        try flushPending()
        guard session.leavePipeline(), let raw = session.raw else { throw noteLoss() }
        guard let started = plue_PQexec(raw, "COPY \(target) FROM STDIN (FORMAT binary)").map(PostgresResult.init)
        else {
            throw noteLoss()
        }
        guard started.status == Int32(PLUE_COPY_IN) else { throw note(started) }
        let sent = data.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                stride(from: 0, to: characters.count, by: Self.chunk).allSatisfy { start in
                    let count = min(Self.chunk, characters.count - start)
                    return plue_PQputCopyData(raw, characters.baseAddress.map { $0 + start }, Int32(count)) == 1
                }
            }
        }
        guard sent, plue_PQputCopyEnd(raw, nil) == 1 else { throw noteLoss() }
        var end: PostgresResult?
        while let next = plue_PQgetResult(raw).map(PostgresResult.init) {
            end = end?.isFailure == true ? end : next
            if plue_PQstatus(raw) != Int32(PLUE_CONNECTION_OK) { break }
        }
        guard let end else { throw noteLoss() }
        if end.isFailure { throw note(end) }
        return end.changes
    }

    /// BEGIN and savepoints that wait for a statement.
    private func flushPending() throws(StorageError) {
        try checkUsable()
        if let failure = state.failure { throw failure }
        if state.mode != .none, !state.pending.isEmpty { _ = try perform([Statement(sql: "SELECT 1")]) }
    }

    /// Learnt once per connection from the description of a query.
    private func columnTypes(_ table: StaticString, _ columns: [StaticString]) throws(StorageError) -> [Oid] {
        let names = columns.map(\.description).joined(separator: ", ")
        let sql = "SELECT \(names) FROM \(table) LIMIT 0"
        if let known = copyTypes[sql] { return known }
        let types = try describe(sql)
        copyTypes[sql] = types
        return types
    }

    private func encode(
        _ rows: [[Value]], _ columns: [StaticString], _ types: [Oid]
    ) throws(StorageError) -> [UInt8] {
        var bytes = Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0x00]
        bytes.reserveCapacity(rows.count * columns.count * 16)
        Encoder.append(Int32(0), to: &bytes)
        Encoder.append(Int32(0), to: &bytes)
        for row in rows {
            Encoder.append(Int16(truncatingIfNeeded: row.count), to: &bytes)
            for (index, value) in row.enumerated() {
                guard value != .null else {
                    Encoder.append(Int32(-1), to: &bytes)
                    continue
                }
                guard Encoder.fitsColumn(value, types[index]) else {
                    throw StorageError(
                        .invalidValue, subject: columns[index].description,
                        "column \(columns[index]): a value of the kind \(value.kind) cannot be copied into it")
                }
                let start = bytes.count
                Encoder.append(Int32(0), to: &bytes)
                try Encoder.append(value, type: types[index], to: &bytes)
                let length = Int32(clamping: bytes.count - start - 4)
                withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(start..<(start + 4), with: $0) }
            }
        }
        Encoder.append(Int16(-1), to: &bytes)
        return bytes
    }

    private func note(_ result: PostgresResult) -> StorageError {
        let failure = PostgresFailure(result)
        if failure.isFatal || failure.state.isEmpty { return noteLoss() }
        let error = failure.error
        // A column may have another type by now.
        copyTypes = [:]
        if state.mode != .none { state.failure = state.failure ?? error }
        return error
    }

    private func noteLoss() -> StorageError {
        handle.spoil()
        if state.mode != .none { state.failure = session.lost }
        return session.lost
    }
}
