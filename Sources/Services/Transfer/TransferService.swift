internal import QueryBuilder
internal import Storage

/// Whole databases as text: from SQLite to PostgreSQL and back, nothing lost.
public struct TransferService: Sendable {
    /// What belongs to the database itself, not to its content.
    static let leftOut: Set<String> = ["actions_schema_migrations"]

    let services: Services

    /// Writes everything in one snapshot, line by line, to `sink`, which is called anew from the beginning (`true` with
    /// the first line) should the database ask for another try. Returns rows and digest of each table.
    public func export(
        migration: String, to sink: @escaping @Sendable (_ line: [UInt8], _ isFirst: Bool) throws -> Void
    ) async throws -> [TableDigest] {
        try await services.backend.read { db in
            try sink(
                Array(#"{"plue":"export","format":\#(TransferFormat.version),"migration":"\#(migration)"}"#.utf8) + [
                    10
                ], true)
            var digests: [TableDigest] = []
            for table in try Self.tables(on: db) {
                let columns = table.columns.map { #""\#($0.name)""# }.joined(separator: ",")
                try sink(Array(#"{"table":"\#(table.name)","columns":[\#(columns)]}"#.utf8) + [10], false)
                let digest = try TableReader(table: table).lines(on: db) { try sink($0, false) }
                try sink(
                    Array(#"{"end":"\#(table.name)","rows":\#(digest.rows),"sha256":"\#(digest.sha256)"}"#.utf8) + [10],
                    false)
                digests.append(digest)
            }
            try sink(Array(#"{"end":"export","tables":\#(digests.count)}"#.utf8) + [10], false)
            return digests
        }
    }

    /// Rows and digest of each table, as an export would have them.
    public func digests() async throws -> [TableDigest] {
        try await services.backend.read { db in
            try Self.tables(on: db).map { table in try TableReader(table: table).lines(on: db) { _ in } }
        }
    }

    /// Each table after those that its foreign keys name; where they go in a circle, by name.
    static func tables(on db: isolated any StorageConnection) throws -> [TableInfo] {
        var waiting = try db.tables(matching: #"actions\_%"#).filter { !leftOut.contains($0) }
            .map { name in try db.table(name) }
        var ordered: [TableInfo] = []
        while !waiting.isEmpty {
            let names = Set(waiting.map(\.name))
            let index = waiting.firstIndex { $0.references.allSatisfy { !names.contains($0) } } ?? 0
            ordered.append(waiting.remove(at: index))
        }
        return ordered
    }
}
