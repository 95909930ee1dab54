internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension TransferService {
    /// Bytes of the longest line that is read.
    public static let lineLimit = TransferFormat.lineLimit

    /// Stores an export into a migrated database that holds nothing yet: one transaction, after which every table reads
    /// back with the rows and the digest that the export names. `lines` begins anew at each call, a line without its line
    /// feed at a time, of one that is over ``lineLimit`` at least a byte more than that. Throws ``ServiceError`` with the line's number, or ``StorageError``.
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
        var number = 0
        var writer: TableWriter?
        while let line = lines.next() {
            number += 1
            if line.first == UInt8(ascii: "[") {
                try writer?.add(try TransferFormat.json(line, number), number, on: db)
            } else if case .object(let object) = try TransferFormat.json(line, number) {
                try writer?.finish(on: db)
                writer = nil
                guard let name = object["table"]?.text, case .array(let columns)? = object["columns"] else { continue }
                guard let table = byName[name] else {
                    throw TransferFormat.failure(number, "the database has no table \(name)")
                }
                writer = try TableWriter(table, columns: columns.elements.map(\.text), number)
            }
        }
    }
}

extension StorageConnection {
    /// Foreign keys are looked at when the transaction is committed.
    fileprivate func deferForeignKeys() throws(StorageError) {
        try run(SQL(dialectText: dialect.deferForeignKeys))
    }
}
