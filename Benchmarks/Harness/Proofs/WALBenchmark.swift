internal import Services
internal import Storage

/// `plue bench queue --part wal`: what PostgreSQL writes ahead for a job from its creation to its end, by table. Needs the
/// extension pg_walinspect and who may use it.
package struct WALBenchmark: Sendable {
    private let target: BenchmarkTarget
    private let jobs: Int
    private let connections: Int

    /// - Parameter jobs: in runs of ten.
    package init(_ target: BenchmarkTarget, jobs: Int, connections: Int) {
        self.target = target
        self.jobs = max(10, jobs / 10 * 10)
        self.connections = connections
    }

    /// Nothing on SQLite. Bytes without full-page images, which depend on when the last checkpoint was; those by
    /// themselves. A table has its indexes and its TOAST with it. Throws ``BenchmarkError`` without the extension.
    package func run(_ tell: (BenchmarkLine) -> Void) async throws {
        guard target.isPostgres else { return }
        try await target.with("wal", connections: connections) { database in
            let services = try await Services.open(database.backend, migrations: target.migrations)
            do {
                try await database.script("CREATE EXTENSION IF NOT EXISTS pg_walinspect SCHEMA pg_catalog")
            } catch {
                throw BenchmarkError(
                    "the extension pg_walinspect (postgresql-contrib, a superuser) is needed: \(error)")
            }
            let work = try await QueueWork(
                services: services, runners: QueueWork.register(connections, jobs: 1_000, services))
            // The file, the plans; and pages that are new are not first.
            _ = try await work.fillAndDrain(min(jobs, 500))
            let from = try await Self.position(database)
            _ = try await work.fillAndDrain(jobs)
            let to = try await Self.position(database)
            let rows = try await database.backend.withConnection { [query] db in
                try db.execute(Statement(sql: query(from, to))).map { row in
                    (name: try row["name"] as String, bytes: try row["bytes"] as Int64)
                }
            }
            let total = rows.reduce(0) { $0 + $1.bytes }
            tell(line("WAL of a job", total))
            for row in rows { tell(line("WAL of a job: \(row.name)", row.bytes)) }
            let faults = try await LoadFaults.found(in: services, doctor: true)
            for line in BenchmarkLine.faults(faults, target.name, "wal") { tell(line) }
        }
    }

    private func line(_ name: String, _ bytes: Int64) -> BenchmarkLine {
        BenchmarkLine(queue: target.name, name, "bytes a job", Double(bytes) / Double(jobs))
    }

    private static func position(_ database: BenchmarkDatabase) async throws -> String {
        try await database.backend.withConnection { db in
            let row = try db.execute(Statement(sql: "SELECT pg_current_wal_flush_lsn()::text AS at")).first
            return try row?["at"] ?? ""
        }
    }

    /// A record counts for the table of the first block that it names.
    private func query(_ from: String, _ to: String) -> String {
        #"""
        WITH records AS (
            SELECT record_length - fpi_length AS bytes, fpi_length,
                substring(block_ref FROM 'rel \d+/\d+/(\d+)')::oid AS node
            FROM pg_get_wal_records_info('\#(from)', '\#(to)')
        ), owners AS (
            SELECT pg_relation_filenode(c.oid) AS node,
                coalesce(i.indrelid, c.oid) AS relation
            FROM pg_class AS c LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
            WHERE c.relkind IN ('r', 'i', 't', 'S') AND pg_relation_filenode(c.oid) IS NOT NULL
        ), named AS (
            SELECT o.node, CASE
                WHEN n.nspname = 'pg_catalog' THEN 'the catalogue'
                WHEN c.relkind = 'S' THEN 'sequences'
                ELSE regexp_replace(coalesce(h.relname, c.relname), '_(p|y)?\d{6}$', '') END AS name
            FROM owners AS o JOIN pg_class AS c ON c.oid = o.relation
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            LEFT JOIN pg_class AS h ON c.relkind = 't' AND h.reltoastrelid = c.oid
        )
        SELECT CASE WHEN r.node IS NULL THEN 'commits and the rest' ELSE coalesce(n.name, 'what is gone') END AS name,
            sum(r.bytes)::bigint AS bytes
        FROM records AS r LEFT JOIN named AS n ON n.node = r.node GROUP BY 1
        UNION ALL SELECT 'full-page images', coalesce(sum(fpi_length), 0)::bigint FROM records
        ORDER BY bytes DESC, name
        """#
    }
}
