import QueryBuilder
import Storage
import Testing

@Suite struct ValueTests {
    private static let integers: [Int64] = [.min, -1, 0, 1, 1 << 53, .max]
    private static let doubles: [Double] = [
        -.infinity, -.greatestFiniteMagnitude, -0.0, .leastNonzeroMagnitude, 0.1, .greatestFiniteMagnitude, .infinity,
    ]

    @Test(arguments: Backend.allCases)
    func comeBackAsTheyWent(backend: Backend) async throws {
        try await backend.with { storage in
            try await storage.transaction { db in
                try db.run(
                    """
                    CREATE TABLE v (id BIGINT PRIMARY KEY, b BOOLEAN, i BIGINT, d DOUBLE PRECISION, t TEXT, x BYTEA,
                        at TIMESTAMPTZ)
                    """)
                for (index, value) in Self.integers.enumerated() {
                    try db.run(Insert("v").values(["id": index, "i": value]))
                    let row = try db.one(Select("i").from("v").where("i = \(value)"))
                    let back: Int64 = try row["i"]
                    #expect(back == value)
                }
                try db.run(Delete("v"))
                for (index, value) in Self.doubles.enumerated() {
                    try db.run(Insert("v").values(["id": index, "d": value]))
                    let back: Double = try db.one(Select("d").from("v").where("id = \(index)"))["d"]
                    #expect(back == value)
                }
                try db.run(Delete("v"))
                let texts = [
                    "", "a", "'; DROP TABLE v; --", "ü€𝄞👩‍👩‍👧", String(repeating: "x", count: 1_000_000), "\u{1}\n\t",
                ]
                for (index, value) in texts.enumerated() {
                    try db.run(Insert("v").values(["id": index, "t": value]))
                    let back: String? = try db.one(Select("t").from("v").where("id = \(index)"))["t"]
                    #expect(back == value)
                }
                try db.run(Delete("v"))
                let blobs: [[UInt8]] = [[], [0], Array(0...255), [UInt8](repeating: 7, count: 5_000_000)]
                for (index, value) in blobs.enumerated() {
                    try db.run(Insert("v").values(["id": index, "x": value]))
                    let back: [UInt8]? = try db.one(Select("x").from("v").where("id = \(index)"))["x"]
                    #expect(back == value)
                }
                try db.run(Delete("v"))
                let at = Timestamp(microseconds: 1_795_341_600_123_456)
                try db.run(Insert("v").values(["id": 1, "b": true, "at": at]))
                try db.run(Insert("v").values(["id": 2, "b": false, "at": .null]))
                let rows = try db.run(Select("b", "at", "t").from("v").orderBy("id"))
                let (yes, no): (Bool, Bool) = (try rows[0]["b"], try rows[1]["b"])
                let (first, second): (Timestamp?, Timestamp?) = (try rows[0]["at"], try rows[1]["at"])
                let text: String? = try rows[0]["t"]
                #expect(yes && !no && first == at && second == nil && text == nil)
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func textKeepsItsNULs(backend: Backend) async throws {
        try await backend.with { storage in
            let text = "a\0b\0"
            guard storage.dialect.textHoldsNUL else {
                await #expect { try await storage.read { db in try db.run("SELECT \(text)").count } } throws: {
                    code($0) == .invalidValue
                }
                return
            }
            let row = try await storage.read { db in try db.first("SELECT \(text) AS t, \(text) = \("a") AS same") }
            let (back, same): (String?, Bool?) = (try row?["t"], try row?["same"])
            #expect(back == text && same == false)
            await #expect {
                try await storage.read { db in try db.run("SELECT 1 WHERE 'a' IN \([text])").count }
            } throws: {
                code($0) == .invalidValue
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func listsAreOneParameter(backend: Backend) async throws {
        try await backend.with { storage in
            let odd = ["\"", "\\", "\u{1f}", "a,b", "é", "]", ""]
            try await storage.transaction { db in
                try db.run("CREATE TABLE v (id BIGINT PRIMARY KEY, t TEXT)")
                try db.run(Insert("v").rows(["id", "t"], odd.enumerated().map { [$0, $1] }))
                #expect(try db.run(Select("id").from("v").where("t IN \(odd)")).count == odd.count)
                #expect(try db.run(Select("id").from("v").where("t IN \([odd[1]])")).count == 1)
                #expect(try db.run(Select("id").from("v").where("t NOT IN \([odd[1]])")).count == odd.count - 1)
                #expect(try db.run(Select("id").from("v").where("id IN \([Int64]())")).count == 0)
                #expect(
                    try db.run(Select("id").from("v").where("id IN \(Array(Int64(0)..<100_000))")).count == odd.count)
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func decodingErrorsNameColumnAndValue(backend: Backend) async throws {
        enum Status: String { case queued }
        try await backend.with { storage in
            let rows = try await storage.read { db in
                try db.run("SELECT 'queued' AS a, 'other' AS b, NULL AS c, 7 AS d, 1 AS e, 2 AS e")
            }
            let row = try #require(rows.first)
            let good: Status = try row["a"]
            let none: Status? = try row["c"]
            #expect(good == .queued && none == nil)
            func decoding<T>(_ column: String, _ read: () throws -> T) {
                #expect { _ = try read() } throws: {
                    code($0) == .decoding && ($0 as? StorageError)?.subject == column
                }
            }
            decoding("b") { try row["b"] as Status }
            decoding("c") { try row["c"] as Int64 }
            decoding("d") { try row["d"] as String }
            decoding("d") { try row["d"] as Bool }
            decoding("e") { try row["e"] as Int64 }
            decoding("nope") { try row["nope"] as Int64 }
        }
    }

    @Test(arguments: [Backend.sqlite, .sqliteMemory])
    func invalidUTF8IsNotText(backend: Backend) async throws {
        try await backend.with { storage in
            let row = try await storage.read { db in try db.first("SELECT CAST(x'61ff62' AS TEXT) AS t") }
            let bytes: [UInt8]? = try row?["t"]
            #expect(bytes == [0x61, 0xff, 0x62])
            #expect { _ = try row?["t"] as String? } throws: { code($0) == .decoding }
        }
    }

    @Test(arguments: Backend.allCases)
    func refusesNaN(backend: Backend) async throws {
        try await backend.with { storage in
            await #expect { try await storage.read { db in try db.run("SELECT \(Double.nan)").count } } throws: {
                code($0) == .invalidValue
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func injectionStaysAValue(backend: Backend) async throws {
        try await backend.with { storage in
            try await storage.transaction { db in
                try db.run("CREATE TABLE v (id BIGINT PRIMARY KEY, t TEXT)")
                let attacks = [
                    "'; DELETE FROM v; --", "' OR '1'='1", "\\'; DROP TABLE v", "$1", "?", "\"", "); DROP TABLE v; --",
                ]
                for (index, attack) in attacks.enumerated() {
                    try db.run(Insert("v").values(["id": index, "t": attack]))
                    #expect(try db.run(Select("id").from("v").where("t = \(attack)")).count == 1)
                    #expect(try db.run(Update("v").set("t", attack).where("t IN \([attack])")).changes == 1)
                }
                #expect(try db.run(Select("id").from("v")).count == attacks.count)
                #expect(try db.run(Delete("v").where("t = \("x' OR 'x'='x")")).changes == 0)
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func clockIsTheDatabases(backend: Backend) async throws {
        try await backend.with { storage in
            let system = DatabaseClock.system.microseconds()
            let row = try await storage.read { db in try db.first("SELECT \(.now) AS at") }
            let at: Timestamp? = try row?["at"]
            #expect(try #require(at).microseconds >= system - 60_000_000)
            try await storage.transaction { db in
                try db.run("CREATE TABLE c (id BIGINT PRIMARY KEY, a TIMESTAMPTZ, b TIMESTAMPTZ)")
                let future = Timestamp(microseconds: system).advanced(by: .seconds(3600))
                try db.run(Insert("c").rows(["id", "a"], [[1, future], [2, .null]]))
                try db.run(Update("c").set("b", .clampedNow(after: "a")))
                let rows = try db.run(Select("b").from("c").orderBy("id"))
                let (first, second): (Timestamp, Timestamp) = (try rows[0]["b"], try rows[1]["b"])
                #expect(first == future && second < future)
            }
        }
    }
}
