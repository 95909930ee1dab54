import PostgresStorage
import QueryBuilder
import Storage
import TestDatabases
import Testing

/// COPY, LISTEN and NOTIFY.
@Suite(.enabled(if: TestServer.isExpected)) struct PostgresPowersTests {
    @Test func copiesRows() async throws {
        try await withPostgres { storage in
            try await storage.transaction { db in
                try db.run(
                    """
                    CREATE TABLE t (id bigint PRIMARY KEY, i integer, x text, j json, jb jsonb, b boolean,
                        at timestamptz, d double precision, y bytea, l text[])
                    """)
            }
            let rows: [[Value]] = (0..<20_000).map { number in
                let n = Int64(number)
                return number % 7 == 0
                    ? [.integer(n), .null, .null, .null, .null, .null, .null, .null, .null, .null]
                    : [
                        .integer(n), .integer(n), .text("ü\(n)"), .text("{\"a\":1}"), .text("[1]"),
                        .boolean(n % 2 == 0),
                        .timestamp(Timestamp(microseconds: n)), .double(0.5), .blob([1, 0]), .texts(["a", "b"]),
                    ]
            }
            let columns: [StaticString] = ["id", "i", "x", "j", "jb", "b", "at", "d", "y", "l"]
            let count = try await storage.transaction { db in
                try db.bulkCopy(into: "t", columns, rows)
            }
            #expect(count == 20_000)
            let back = try await storage.read { db in try db.run(Select("*").from("t").orderBy("id")) }
            #expect(back.count == 20_000)
            for (column, value) in zip(columns, rows[15]) where column.description != "jb" {
                let found = try back[15].value(column.description)
                #expect(found == value)
            }
            await #expect {
                try await storage.transaction { db in
                    try db.run("DELETE FROM t")
                    return try db.bulkCopy(into: "t", ["id"], [[.integer(1)], [.integer(1)]])
                }
            } throws: { code($0) == .unique && ($0 as? StorageError)?.subject == "t.id" }
            await #expect {
                try await storage.transaction { db in
                    return try db.bulkCopy(into: "t", ["id", "x"], [[.integer(1), .integer(1)]])
                }
            } throws: { code($0) == .invalidValue && ($0 as? StorageError)?.subject == "x" }
            #expect(try await storage.read { db in try db.run("SELECT id FROM t").count } == 20_000)
        }
    }

    @Test func messagesArriveAndReconnectIsSaid() async throws {
        var options = PostgresOptions()
        options.applicationName = "plue_listen_\(UInt32.random(in: 0...UInt32.max))"
        try await withPostgres(options: options) { storage in
            let channel = "c_\(UInt32.random(in: 0...UInt32.max))"
            var first = try await storage.listen(channel).makeAsyncIterator()
            var second = try await storage.listen(channel).makeAsyncIterator()
            let other = try await storage.listen("Other \"\(channel)\"")
            for _ in 0..<100 { try await storage.notify(channel, "hello") }
            #expect(await first.next() == .message("hello"))
            #expect(await second.next() == .message("hello"))
            let name = options.applicationName
            try await administer(
                """
                SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
                WHERE application_name = '\(name)'
                """)
            var notification = await first.next()
            while notification == .message("hello") { notification = await first.next() }
            #expect(notification == .reconnected)
            try await storage.notify(channel, "again")
            // One that was on its way is sent again.
            notification = await first.next()
            while notification == .message("hello") { notification = await first.next() }
            #expect(notification == .message("again"))
            await #expect { try await storage.notify(channel, String(repeating: "x", count: 8000)) } throws: {
                code($0) == .invalidValue
            }
            try await storage.notify("Other \"\(channel)\"", "last")
            await storage.close()
            var rest: [StorageNotification] = []
            for await notification in other { rest.append(notification) }
            #expect(rest.first == .reconnected)
            await #expect { _ = try await storage.listen(channel) } throws: { code($0) == .unavailable }
        }
    }

    @Test func anUnsafeServerIsRefused() async throws {
        let server = try TestServer.string()
        try await administer("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf()")
        defer { Task { try await administer("ALTER SYSTEM RESET fsync; SELECT pg_reload_conf()") } }
        for _ in 0..<100 {
            do {
                let storage = try await PostgresStorage.open(server)
                await storage.close()
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                #expect(code(error) == .unavailable && "\(error)".contains("fsync"))
                return
            }
        }
        Issue.record("a server with fsync off was accepted")
    }
}
