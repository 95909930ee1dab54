import Storage
import Testing

@testable import QueryBuilder

/// The text that both dialects get.
@Suite struct QueryPrintingTests {
    private enum Status: String { case queued, inProgress = "in_progress" }

    private func check(
        _ query: some Query, sqlite: String, postgres: String, _ parameters: [Value] = [],
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(query.statement(for: .sqlite).sql == sqlite, sourceLocation: location)
        #expect(query.statement(for: .postgres).sql == postgres, sourceLocation: location)
        #expect(query.statement(for: .sqlite).parameters == parameters, sourceLocation: location)
    }

    @Test func select() {
        let id: Int64 = 7
        check(
            Select("r.id", "w.name AS workflow").from("runs AS r").join("workflows AS w", on: "w.id = r.workflow_id")
                .leftJoin("x", on: "x.id = \(id)").where("r.repository_id = \(id)")
                .and("status IN \([Status.queued, .inProgress])").and("id NOT IN \([1, 2])").groupBy("r.id")
                .having("count(*) > \(1)").orderBy("r.id DESC").limit(20, offset: 5).forUpdate(skipLocked: true),
            sqlite: "SELECT r.id, w.name AS workflow FROM runs AS r JOIN workflows AS w ON w.id = r.workflow_id"
                + " LEFT JOIN x ON x.id = ? WHERE (r.repository_id = ?) AND (status IN (SELECT value FROM json_each(?)))"
                + " AND (id NOT IN (SELECT value FROM json_each(?))) GROUP BY r.id HAVING (count(*) > ?)"
                + " ORDER BY r.id DESC LIMIT 20 OFFSET 5",
            postgres: "SELECT r.id, w.name AS workflow FROM runs AS r JOIN workflows AS w ON w.id = r.workflow_id"
                + " LEFT JOIN x ON x.id = $1 WHERE (r.repository_id = $2) AND (status = ANY($3)) AND (id <> ALL($4))"
                + " GROUP BY r.id HAVING (count(*) > $5) ORDER BY r.id DESC LIMIT 20 OFFSET 5 FOR NO KEY UPDATE SKIP LOCKED",
            [.integer(7), .integer(7), .texts(["queued", "in_progress"]), .integers([1, 2]), .integer(1)])
    }

    @Test func lookups() {
        check(
            Select("q.id").from(Select("id").from("given").orderBy("place"), as: "g")
                .lookUp("queue", as: "q", on: "q.id = g.id AND q.kind = \(1)").where("q.n = \(2)").orderBy("g.place")
                .forUpdate(of: "q", skipLocked: true),
            sqlite: "SELECT q.id FROM (SELECT id FROM given ORDER BY place) AS g CROSS JOIN queue AS q"
                + " ON q.id = g.id AND q.kind = ? WHERE q.n = ? ORDER BY g.place",
            postgres:
                "SELECT q.id FROM (SELECT id FROM given ORDER BY place) AS g CROSS JOIN LATERAL (SELECT * FROM queue"
                + " AS q WHERE q.id = g.id AND q.kind = $1 OFFSET 0) AS q WHERE q.n = $2 ORDER BY g.place"
                + " FOR NO KEY UPDATE OF q SKIP LOCKED",
            [.integer(1), .integer(2)])
        let held = Select("id").from("held")
        check(
            Delete("queue").where("id IN \(.keys(held)) AND id NOT IN \(.keys(held))"),
            sqlite: "DELETE FROM queue WHERE id IN (SELECT id FROM held) AND id NOT IN (SELECT id FROM held)",
            postgres: "DELETE FROM queue WHERE id = ANY(ARRAY(SELECT id FROM held))"
                + " AND id <> ALL(ARRAY(SELECT id FROM held))")
    }

    @Test func update() {
        let name: String? = nil
        check(
            Update("jobs").set("status", Status.queued).set("started_at", .now).set("pending", sql: "pending - \(1)")
                .set("ended_at", .clampedNow(after: "started_at")).set("name", name).set("n", .null)
                .where("id = \(Int64(3))").returning("id"),
            sqlite: "UPDATE jobs SET status = ?, started_at = plue_now(), pending = pending - ?,"
                + " ended_at = max(plue_now(), coalesce(started_at, plue_now())), name = ?, n = ? WHERE id = ?"
                + " RETURNING id",
            postgres: "UPDATE jobs SET status = $1, started_at = clock_timestamp(), pending = pending - $2,"
                + " ended_at = greatest(clock_timestamp(), coalesce(started_at, clock_timestamp())), name = $3, n = $4"
                + " WHERE id = $5 RETURNING id",
            [.text("queued"), .integer(1), .null, .null, .integer(3)])
    }

    @Test func insert() {
        check(
            Insert("t").values(["a": 1, "b": "x", "c": .now, "d": .json("{}"), "e": [UInt8(1)], "f": .null])
                .onConflict("a", .doUpdate(set: ["b": "excluded.b" as SQL], where: "t.a > \(0)")).returning("a", "b"),
            sqlite: "INSERT INTO t (a, b, c, d, e, f) VALUES (?, ?, plue_now(), ?, ?, ?) ON CONFLICT (a)"
                + " DO UPDATE SET b = excluded.b WHERE t.a > ? RETURNING a, b",
            postgres: "INSERT INTO t (a, b, c, d, e, f) VALUES ($1, $2, clock_timestamp(), $3::json, $4, $5)"
                + " ON CONFLICT (a) DO UPDATE SET b = excluded.b WHERE t.a > $6 RETURNING a, b",
            [.integer(1), .text("x"), .text("{}"), .blob([1]), .null, .integer(0)])
    }

    @Test func insertFromQueryWithConflict() {
        let sql = "INSERT INTO t (a) SELECT a FROM u WHERE true LIMIT 1 ON CONFLICT DO NOTHING"
        check(
            Insert("t").select(["a"], Select("a").from("u").limit(1)).onConflict(nil, .doNothing), sqlite: sql,
            postgres: sql)
    }

    @Test func deleteAndWith() {
        check(
            With("old", as: Select("id").from("t").where("at < \(Timestamp(microseconds: 5))"))
                .then(Delete("t").where("id IN \(Select("id").from("old"))").returning("id")),
            sqlite: "WITH old AS (SELECT id FROM t WHERE at < ?) DELETE FROM t WHERE id IN (SELECT id FROM old)"
                + " RETURNING id",
            postgres: "WITH old AS (SELECT id FROM t WHERE at < $1) DELETE FROM t WHERE id IN (SELECT id FROM old)"
                + " RETURNING id",
            [.timestamp(Timestamp(microseconds: 5))])
    }

    @Test func fragmentsNestAndCombine() {
        let inner: SQL = "a = \("x' OR 1=1 --")"
        check(
            SQL.any([inner, SQL.all([]), "b IN \(["y"])"]),
            sqlite: "(a = ?) OR (1 = 1) OR (b IN (SELECT value FROM json_each(?)))",
            postgres: "(a = $1) OR (1 = 1) OR (b = ANY($2))", [.text("x' OR 1=1 --"), .texts(["y"])])
    }

    @Test func manyRows() throws {
        let rows = Insert("t").rows(
            ["a", "b", "c", "at"], [[1, "x\"", .json(#"{"k":[1]}"#), .now], [2, .null, .json("[]"), .now]])
        let postgres = try rows.statements(.postgres)
        #expect(postgres.count == 1)
        #expect(
            postgres[0].sql == "INSERT INTO t (a, b, c, at) SELECT a, b, c, clock_timestamp()"
                + " FROM json_populate_recordset(NULL::t, $1::json)")
        #expect(
            postgres[0].parameters == [
                .text(#"[{"a":1,"b":"x\"","c":{"k":[1]}},{"a":2,"b":null,"c":[]}]"#)
            ])
        let sqlite = try rows.statements(.sqlite)
        #expect(
            sqlite.map(\.sql) == ["INSERT INTO t (a, b, c, at) VALUES (?, ?, ?, plue_now()), (?, ?, ?, plue_now())"])
        let bytes = Insert("t").rows(["a", "b"], [[1, [UInt8(1)]], [2, [UInt8(2)]]])
        #expect(try bytes.statements(.postgres).map(\.sql) == ["INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)"])
        let many = Insert("t").rows(["a"], (0..<250).map { [$0] })
        #expect(try many.statements(.sqlite).map(\.parameters.count) == [100, 100, 50])
        #expect(throws: StorageError.self) { try Insert("t").rows(["a", "b"], [[1, 2], [1]]).statements(.sqlite) }
    }

    /// Arguments take their places in the order of the text, whatever stands between them.
    @Test func preparedQueries() throws {
        let query = PreparedQuery { given in
            Select("\(given[1]) AS a", "\(0) AS b").from("t").where("id IN \(given.list(2))")
                .and("n = \(given[0]) OR m = \(given[0])")
        }
        let values: [Value] = [.integer(5), .text("x"), .integers([1, 2])]
        let all: [Value] = [.text("x"), .integer(0), .integers([1, 2]), .integer(5), .integer(5)]
        let sqlite = try query.statement(.sqlite, values)
        #expect(
            sqlite.sql == "SELECT ? AS a, ? AS b FROM t WHERE (id IN (SELECT value FROM json_each(?)))"
                + " AND (n = ? OR m = ?)")
        #expect(sqlite.parameters == all)
        let postgres = try query.statement(.postgres, values)
        #expect(postgres.sql == "SELECT $1 AS a, $2 AS b FROM t WHERE (id = ANY($3)) AND (n = $4 OR m = $5)")
        #expect(postgres.parameters == all)
        let plain = PreparedQuery { Update("t").set("a", $0[0]).where("id = \($0[1])") }
        #expect(try plain.statement(.sqlite, [.null, .integer(1)]).parameters == [.null, .integer(1)])
        for wrong: [Value] in [[], [.null], [.null, .null, .null]] {
            #expect(throws: StorageError.self) { try plain.statement(.sqlite, wrong) }
        }
    }

    @Test func reserve() {
        check(
            Reserve([("jobs", 3), ("runs", 1)]),
            sqlite: "SELECT 0 AS position, i + coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0) AS id,"
                + " plue_now() AS at FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                + " SELECT i FROM n)"
                + " UNION ALL SELECT 1 AS position, i + coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0)"
                + " AS id, plue_now() AS at FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                + " WHERE i < ?) SELECT i FROM n)",
            postgres: "SELECT 0 AS position, nextval(pg_get_serial_sequence($1, 'id')) AS id, clock_timestamp() AS at"
                + " FROM generate_series(1, $2) UNION ALL SELECT 1 AS position, nextval(pg_get_serial_sequence($3, 'id'))"
                + " AS id, clock_timestamp() AS at FROM generate_series(1, $4)",
            [.text("jobs"), .integer(3), .text("runs"), .integer(1)])
    }
}
