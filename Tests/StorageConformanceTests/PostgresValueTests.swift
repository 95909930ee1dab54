import PostgresStorage
import QueryBuilder
import Storage
import TestDatabases
import Testing

/// Types that only PostgreSQL has, and parameters whose types it infers.
@Suite struct PostgresValueTests {
    @Test(arguments: Backend.postgresCases)
    func everyTypeThatIsReadIsRead(backend: Backend) async throws {
        try await backend.with { storage in
            let row = try await storage.read { db in
                try db.run(
                    """
                    SELECT 1::int2 AS int2, -2::int4 AS int4, 3::oid AS oid, 0.5::float4 AS float4,
                        'x'::varchar AS v, 'y'::char(3) AS bp, 'n'::name AS n, 'c'::"char" AS ch,
                        '{"a": 1}'::json AS j, '{"a":1}'::jsonb AS jb, '2000-01-02'::date AS d,
                        '1969-12-31 23:59:59.5+00'::timestamptz AS before,
                        'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS u, pg_sleep(0) AS nothing,
                        ARRAY[1, 2]::int4[] AS i4, ARRAY[]::int8[] AS i8, ARRAY['a', '']::text[] AS ts
                    """)[0]
            }
            func check(_ column: String, _ value: Value) throws {
                let found = try row.value(column)
                #expect(found == value)
            }
            try check("int2", .integer(1))
            try check("int4", .integer(-2))
            try check("oid", .integer(3))
            try check("float4", .double(0.5))
            try check("v", .text("x"))
            try check("bp", .text("y  "))
            try check("n", .text("n"))
            try check("ch", .text("c"))
            try check("j", .text("{\"a\": 1}"))
            try check("jb", .text("{\"a\": 1}"))
            try check("d", .timestamp(Timestamp(microseconds: 946_771_200_000_000)))
            try check("before", .timestamp(Timestamp(microseconds: -500_000)))
            try check("u", .text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"))
            try check("nothing", .null)
            try check("i4", .integers([1, 2]))
            try check("i8", .integers([]))
            try check("ts", .texts(["a", ""]))
        }
    }

    @Test(arguments: [
        ("0", Value.integer(0)), ("1", .integer(1)), ("-10000", .integer(-10000)),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("100000000", .integer(100_000_000)),
        ("0.5", .double(0.5)), ("-12345.678", .double(-12345.678)), ("0.00001", .double(0.00001)),
        ("7.00", .integer(7)),
        ("1e30", .double(1e30)), ("Infinity", .double(.infinity)),
    ])
    func numericsAreIntegersOrDoubles(text: String, value: Value) async throws {
        guard TestServer.isExpected else { return }
        if text == "Infinity", try await serverVersion() < 140_000 { return }
        try await withPostgres { storage in
            let row = try await storage.read { db in try db.run("SELECT \(text)::numeric AS n")[0] }
            let found = try row.value("n")
            #expect(found == value)
        }
    }

    private func serverVersion() async throws -> Int {
        try await withPostgres { storage in
            try await storage.read { db in
                try db.run("SELECT current_setting('server_version_num')::int AS v")[0]["v"] as Int
            }
        }
    }

    @Test(arguments: Backend.postgresCases)
    func whatCannotBeReadSaysSo(backend: Backend) async throws {
        try await backend.with { storage in
            let queries: [SQL] = [
                "SELECT '1 day'::interval AS x", "SELECT 'infinity'::timestamptz AS x",
                "SELECT '-infinity'::date AS x", "SELECT ARRAY[1, NULL]::int8[] AS x",
                "SELECT ARRAY[[1], [2]]::int8[] AS x",
            ]
            for query in queries {
                await #expect { try await storage.read { db in try db.run(query).count } } throws: {
                    code($0) == .decoding && ($0 as? StorageError)?.subject == "x"
                }
            }
            // The connection goes on.
            try await storage.transaction { db in
                #expect(throws: StorageError.self) { try db.run("SELECT '1 day'::interval AS x") }
                let rows = try db.run("SELECT 1 AS one")
                #expect(rows.count == 1)
            }
        }
    }

    /// What a parameter may be does not depend on what it was at first.
    @Test(arguments: Backend.postgresCases)
    func typesMayChangeBetweenExecutions(backend: Backend) async throws {
        try await backend.with { storage in
            try await storage.transaction { db in
                try db.run(
                    """
                    CREATE TABLE v (i2 smallint, i4 integer, i8 bigint, d double precision, t text, j json, jb jsonb,
                        b boolean, at timestamptz, x bytea)
                    """)
                func insert(_ db: isolated any StorageConnection, _ values: [Value]) throws {
                    let sql: SQL =
                        """
                        INSERT INTO v VALUES (\(values[0]), \(values[1]), \(values[2]), \(values[3]), \(values[4]),
                            \(values[5]), \(values[6]), \(values[7]), \(values[8]), \(values[9]))
                        """
                    try db.run(sql)
                }
                let none = [Value](repeating: .null, count: 10)
                let full: [Value] = [
                    .integer(1), .integer(2), .integer(3), .double(4), .text("five"), .text("{}"), .text("[]"),
                    .boolean(true), .timestamp(Timestamp(microseconds: 9)), .blob([1, 2]),
                ]
                try insert(db, none)
                try insert(db, full)
                for index in 0..<10 {
                    var mixed = none
                    mixed[index] = full[index]
                    try insert(db, mixed)
                    mixed = full
                    mixed[index] = .null
                    try insert(db, mixed)
                }
                var whole = full
                whole[3] = .integer(4)
                try insert(db, whole)
                let last = try db.run(
                    Select("*").from("v").where("i2 = \(1) AND i4 = \(2) AND i8 = \(3) AND d = \(4)"))
                #expect(last.count == 8)
                #expect(throws: StorageError.self) {
                    try db.savepoint { db in
                        var wide = full
                        wide[0] = .integer(100_000)
                        try insert(db, wide)
                    }
                }
                let same: SQL = "SELECT 1 AS one"
                for value in [Value.integer(1), .text("a"), .null, .double(1.5), .boolean(true), .integer(2)] {
                    let row = try db.run("SELECT \(value) AS v")[0]
                    let found = try row.value("v")
                    #expect(found == value)
                    try db.run(same)
                }
            }
        }
    }

    @Test(arguments: Backend.postgresCases)
    func badTextsAreInvalidValues(backend: Backend) async throws {
        try await backend.with { storage in
            func check(_ expected: StorageError.Code, _ query: SQL) async {
                await #expect { try await storage.transaction { db in try db.run(query).count } } throws: {
                    code($0) == expected
                }
            }
            await check(.invalidValue, "SELECT \("a\0b")")
            await check(.invalidValue, "SELECT 1 WHERE 'a' IN \(["\0"])")
            await check(.invalidValue, "SELECT \(Double.nan)")
            await check(.invalidValue, "SELECT \("x")::int8")
            await check(.invalidValue, "SELECT convert_from('\\xff'::bytea, 'UTF8')")
            await check(.invalidValue, "SELECT 9223372036854775807::int8 + 1")
            await check(.invalidValue, "SELECT \("{")::json")
            await check(.invalidValue, "SELECT 1 / 0")
            await check(.invalidValue, "SELECT \(Timestamp(microseconds: .min))")
            for far in [Timestamp(microseconds: -62_135_596_800_000_000), Timestamp(microseconds: .max)] {
                let back: Timestamp = try await storage.read { db in try db.run("SELECT \(far) AS t")[0]["t"] }
                #expect(back == far)
            }
        }
    }
}
