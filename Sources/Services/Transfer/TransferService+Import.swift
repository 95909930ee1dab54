internal import Hashing
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension TransferService {
    /// Stores an export into a migrated database that holds nothing yet: one transaction, after which every table reads
    /// back with the rows and the digest that the export names. `lines` begins anew at each call, a line without its line
    /// feed at a time. Throws ``ServiceError`` with the line's number, or ``StorageError``.
    public func `import`(
        migration: String, from lines: @escaping @Sendable () throws -> any IteratorProtocol<[UInt8]>
    ) async throws -> [TableDigest] {
        var survey = TransferSurvey()
        try survey.read(try lines(), migration: migration)
        if let (first, months) = survey.months {
            try await Partitions.ensure(services.backend, from: first, months: months)
        }
        let expected = survey.digests
        return try await services.backend.transaction { db in
            try db.deferForeignKeys()
            let tables = try Self.tables(on: db)
            try Self.checkEmpty(tables, on: db)
            try Self.store(try lines(), into: tables, on: db)
            let stored = try tables.map { table in try TableReader(table: table).lines(on: db) { _ in } }
            for digest in stored {
                guard expected[digest.table] == digest else {
                    throw ServiceError(
                        .conflict, digest.table, "it does not read back as it was exported; nothing was kept")
                }
            }
            return stored
        }
    }

    private static func checkEmpty(_ tables: [TableInfo], on db: isolated any StorageConnection) throws {
        for table in tables where try db.first(Select("1 AS one").from(SQL(identifier: table.name)).limit(1)) != nil {
            throw ServiceError(
                .conflict, table.name, "the database is not empty: import into one that was only migrated")
        }
    }

    private static func store(
        _ lines: any IteratorProtocol<[UInt8]>, into tables: [TableInfo], on db: isolated any StorageConnection
    ) throws {
        let byName = Dictionary(tables.map { ($0.name, $0) }) { $1 }
        var lines = lines
        var writer: TableWriter?
        while let line = lines.next() {
            if line.first == UInt8(ascii: "[") {
                try writer?.add(try TransferSurvey.json(line), on: db)
            } else if case .object(let object) = try TransferSurvey.json(line) {
                try writer?.finish(on: db)
                writer = nil
                if let name = object["table"]?.text, let table = byName[name] {
                    guard case .array(let columns)? = object["columns"] else { continue }
                    writer = try TableWriter(table, columns: columns.elements.map(\.text))
                }
            }
        }
    }
}

/// What an export holds, read once before anything is stored: its digests are checked, its months are known.
struct TransferSurvey {
    private(set) var digests: [String: TableDigest] = [:]
    private var first: Int64?
    private var last: Int64?

    /// The first month, and how many.
    var months: (first: Timestamp, count: Int)? {
        guard let first, let last else { return nil }
        let count = (last / 100 - first / 100) * 12 + last % 100 - first % 100 + 1
        let month = (first % 100 < 10 ? "0" : "") + String(first % 100)
        guard count > 0, count < 1200, let start = Timestamp(iso8601: "\(first / 100)-\(month)-01T00:00:00Z") else {
            return nil
        }
        return (start, Int(count))
    }

    mutating func read(_ lines: any IteratorProtocol<[UInt8]>, migration: String) throws {
        var lines = lines
        var number = 0
        var hash = SHA256()
        var rows = 0
        var monthColumn: (index: Int, isTime: Bool)?
        var isWhole = false
        func fail(_ message: String) -> ServiceError { ServiceError(.conflict, "line \(number)", message) }
        while let line = lines.next() {
            number += 1
            if number == 1 {
                try Self.checkHeader(line, migration: migration)
                continue
            }
            if line.first == UInt8(ascii: "[") {
                (line + [10]).withUnsafeBytes { hash.update($0) }
                rows += 1
                if let monthColumn, case .array(let row) = try Self.json(line), monthColumn.index < row.elements.count {
                    note(row.elements[monthColumn.index].number, isTime: monthColumn.isTime)
                }
                continue
            }
            guard case .object(let object) = try Self.json(line) else { throw fail("it is not a line of an export") }
            if object["table"] != nil {
                (hash, rows) = (SHA256(), 0)
                guard case .array(let columns)? = object["columns"] else { throw fail("a table without columns") }
                let names = columns.elements.map(\.text)
                monthColumn = names.firstIndex(of: "month").map { ($0, false) }
                if monthColumn == nil, object["table"]?.text == "actions_transitions" {
                    monthColumn = names.firstIndex(of: "created_at").map { ($0, true) }
                }
            } else if let end = object["end"]?.text, end != "export" {
                let digest = TableDigest(table: end, rows: rows, sha256: SHA256.hex(hash.finalize()))
                guard object["rows"]?.number == Double(rows), object["sha256"]?.text == digest.sha256 else {
                    throw fail("the rows of \(end) are not those that were exported: the file is damaged")
                }
                digests[end] = digest
            } else if object["tables"]?.number == Double(digests.count) {
                isWhole = true
            }
        }
        guard isWhole else { throw fail("the file ends here, before the export does") }
    }

    private mutating func note(_ number: Double, isTime: Bool) {
        guard let exact = Int64(exactly: number) else { return }
        let month = isTime ? Timestamp(microseconds: exact).month : exact
        first = min(first ?? month, month)
        last = max(last ?? month, month)
    }

    private static func checkHeader(_ line: [UInt8], migration: String) throws {
        guard case .object(let header)? = try? json(line), header["plue"]?.text == "export" else {
            throw ServiceError(.conflict, "line 1", "this is no export of plue")
        }
        guard header["format"]?.number == Double(TransferFormat.version) else {
            throw ServiceError(
                .conflict, "line 1",
                "the export has format \(header["format"]?.text ?? "?"), not \(TransferFormat.version)")
        }
        guard header["migration"]?.text == migration else {
            throw ServiceError(
                .conflict, "line 1",
                "the export is of a database at \(header["migration"]?.text ?? "?"), this one is at \(migration): export with this version of plue"
            )
        }
    }

    static func json(_ line: [UInt8]) throws -> ExpressionValue {
        do {
            return try ExpressionValue(json: String(decoding: line, as: UTF8.self))
        } catch {
            throw ServiceError(
                .conflict, "export", "a line is no JSON: \(String(decoding: line.prefix(60), as: UTF8.self))")
        }
    }
}

extension StorageConnection {
    /// Foreign keys are looked at when the transaction is committed.
    fileprivate func deferForeignKeys() throws(StorageError) {
        try run(SQL(dialectText: dialect.deferForeignKeys))
    }
}
