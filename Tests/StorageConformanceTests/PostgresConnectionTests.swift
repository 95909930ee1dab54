import Glibc
import PostgresStorage
import QueryBuilder
import Storage
import Synchronization
import TestDatabases
import Testing

/// Connections that end, servers that refuse, statements that are stopped.
@Suite(.enabled(if: TestServer.isExpected)) struct PostgresConnectionTests {
    private func counter(_ storage: any StorageBackend) async throws {
        try await storage.transaction { db in
            try db.run("CREATE TABLE c (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)")
            try db.run("CREATE TABLE ids (id BIGINT NOT NULL)")
            try db.run(Insert("c").rows(["id", "n"], [[1, 0], [2, 0]]))
        }
    }

    /// Ends connections named `name` until it is cancelled.
    private func reaper(_ name: String, every pause: ClosedRange<Int>) -> Task<Int, any Error> {
        Task {
            var options = PostgresOptions()
            options.allowsUnsafeServer = true
            let storage = try await PostgresStorage.open(try TestServer.string(), options: options)
            var count = 0
            while !Task.isCancelled {
                // Two at a time: on a busy machine a connection may take longer to make than it is let live.
                // Cancelled itself while it reads, it ends as well.
                let ended = try? await storage.read { db in
                    try db.run(
                        """
                        SELECT pg_terminate_backend(x.pid) FROM (SELECT pid FROM pg_stat_activity
                        WHERE application_name = \(name) ORDER BY random() LIMIT 2) AS x
                        """
                    ).count
                }
                count += ended ?? 0
                try? await Task.sleep(for: .microseconds(Int.random(in: pause)))
            }
            await storage.close()
            return count
        }
    }

    /// Connections are ended at any moment, also between a COMMIT and its answer: nothing but delay comes of it, and what
    /// is acknowledged is there exactly once.
    @Test(arguments: [false, true])
    func endedConnectionsCostOnlyTime(finishing: Bool) async throws {
        var options = PostgresOptions()
        options.applicationName = "plue_reaped_\(finishing)"
        try await withPostgres(options: options) { storage in
            try await counter(storage)
            let reaper = reaper(options.applicationName, every: 2000...60_000)
            let start = ContinuousClock.now
            // A busy machine lets the reaper begin late.
            let isOver: @Sendable () -> Bool = {
                let past = ContinuousClock.now - start
                return past > .seconds(4) && (storage.metrics.retries > 0 || past > .seconds(120))
            }
            let done = try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in 0..<6 {
                    group.addTask {
                        var number = 0
                        while !isOver() {
                            let id = worker * 1_000_000 + number
                            try await storage.transaction { db in
                                let last: [any Query] = [
                                    Update("c").set("n", sql: "n + 1").where("id = 1"),
                                    Insert("ids").values(["id": id]),
                                ]
                                let statements = last.map { $0.statement(for: db.dialect) }
                                _ = finishing ? try db.finishing(statements) : try db.pipeline(statements)
                            }
                            number += 1
                            if number % 10 == 0 {
                                _ = try await storage.read { db in try db.run(Select("n").from("c")).count }
                            }
                        }
                        return number
                    }
                }
                return try await group.reduce(0, +)
            }
            reaper.cancel()
            let killed = try await reaper.value
            let (n, rows, distinct): (Int, Int, Int) = try await storage.read { db in
                let row = try db.run("SELECT count(*) AS rows, count(DISTINCT id) AS ids FROM ids")[0]
                return (try db.run(Select("n").from("c").where("id = 1"))[0]["n"], try row["rows"], try row["ids"])
            }
            #expect(n == done && rows == done && distinct == done)
            #expect(killed > 0)
            print("ended \(killed) connections under \(done) transactions: \(storage.metrics.retries) retries")
        }
    }

    @Test func idleConnectionsMayEnd() async throws {
        var options = PostgresOptions()
        options.applicationName = "plue_idle_\(UInt32.random(in: 0...UInt32.max))"
        try await withPostgres(options: options) { storage in
            for round in 0..<6 {
                let name = options.applicationName
                try await administer(
                    "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE application_name = '\(name)'")
                switch round % 3 {
                case 0: #expect(try await storage.read { db in try db.run("SELECT 1 AS x").count } == 1)
                case 1: #expect(try await storage.withConnection { db in try db.run("SELECT 1 AS x").count } == 1)
                default: try await storage.ping()
                }
            }
        }
    }

    @Test func deadlocksResolveThemselves() async throws {
        try await withPostgres { storage in
            try await counter(storage)
            let turns = Turns()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for order in [[1, 2], [2, 1]] {
                    group.addTask {
                        try await storage.transaction { db in
                            try db.run(Update("c").set("n", sql: "n + 1").where("id = \(order[0])"))
                            // Both have their first row before either wants its second.
                            turns.take()
                            while turns.taken < 2 { usleep(1000) }
                            try db.run(Update("c").set("n", sql: "n + 1").where("id = \(order[1])"))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let sum: Int = try await storage.read { db in try db.run("SELECT sum(n) AS n FROM c")[0]["n"] }
            #expect(sum == 4)
            // The second attempt may meet the other one again.
            #expect((1...4).contains(storage.metrics.retries))
        }
    }

    @Test func aReadSeesOneSnapshot() async throws {
        try await withPostgres { storage in
            try await counter(storage)
            let (begun, hasBegun) = AsyncStream<Void>.makeStream()
            let written = Turns()
            let reader = Task {
                try await storage.read { db in
                    let first: Int = try db.one(Select("n").from("c").where("id = 1"))["n"]
                    hasBegun.finish()
                    while written.taken == 0 { usleep(1000) }
                    let second: Int = try db.one(Select("n").from("c").where("id = 1"))["n"]
                    return [first, second]
                }
            }
            for await _ in begun {}
            try await storage.transaction { db in _ = try db.run(Update("c").set("n", 5)) }
            written.take()
            #expect(try await reader.value == [0, 0])
        }
    }

    @Test func aCancelledReadStops() async throws {
        try await withPostgres { storage in
            let started = ContinuousClock.now
            let task = Task { try await storage.read { db in try db.run("SELECT pg_sleep(50)").count } }
            while storage.metrics.readers.leased == 0 { await Task.yield() }
            try await Task.sleep(for: .milliseconds(50))
            task.cancel()
            await #expect { try await task.value } throws: { code($0) == .cancelled }
            #expect(ContinuousClock.now - started < .seconds(45))
            // Its connection is not used again, so that the request to stop hits no one else.
            for _ in 0..<50 { #expect(try await storage.read { db in try db.run("SELECT 1 AS x").count } == 1) }
        }
    }

    @Test func aCancelledTaskReadsNothing() async throws {
        try await withPostgres { storage in
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await storage.read { db in try db.run("SELECT 1 AS x").count }
            }
            task.cancel()
            await #expect { try await task.value } throws: { code($0) == .cancelled }
        }
    }

    @Test func interruptStopsTheStatement() async throws {
        try await withPostgres { storage in
            await #expect {
                try await storage.withConnection { db in
                    Task.detached {
                        // One that comes before its statement stops nothing.
                        for _ in 0..<20 {
                            try await Task.sleep(for: .milliseconds(50))
                            db.interrupt()
                        }
                    }
                    return try db.run("SELECT pg_sleep(50)").count
                }
            } throws: { code($0) == .interrupted }
            try await storage.ping()
        }
    }

    @Test func statementsHaveATimeLimit() async throws {
        var options = PostgresOptions()
        options.statementTimeout = .milliseconds(100)
        try await withPostgres(options: options) { storage in
            await #expect { try await storage.read { db in try db.run("SELECT pg_sleep(50)").count } } throws: {
                code($0) == .timeout
            }
            try await storage.transaction { db in
                try db.executeScript("SELECT pg_sleep(0.3)")
                #expect { try db.savepoint { db in _ = try db.run("SELECT pg_sleep(50)") } } throws: {
                    code($0) == .timeout
                }
            }
        }
    }

    @Test func aPoolThatIsUsedUpTimesOut() async throws {
        var options = PostgresOptions()
        options.maxConnections = 2
        options.acquireTimeout = .milliseconds(100)
        try await withPostgres(options: options) { storage in
            let holders = [Holder(storage), Holder(storage)]
            for holder in holders { await holder.started() }
            await #expect { try await storage.ping() } throws: { code($0) == .timeout }
            #expect(storage.metrics.readers == PoolMetrics(leased: 2, waiting: 0, total: 2))
            for holder in holders { try await holder.end() }
            try await storage.ping()
        }
    }

    @Test func unusedConnectionsAreClosed() async throws {
        var options = PostgresOptions()
        options.idleTimeout = .seconds(1)
        try await withPostgres(options: options) { storage in
            let holders = (0..<4).map { _ in Holder(storage) }
            for holder in holders { await holder.started() }
            #expect(storage.metrics.readers.total == 4)
            for holder in holders { try await holder.end() }
            try await Task.sleep(for: .milliseconds(1200))
            try await storage.ping()
            #expect(storage.metrics.readers.total == 1)
        }
    }

    @Test func aLeaseLeavesNothingBehind() async throws {
        var options = PostgresOptions()
        options.maxConnections = 1
        try await withPostgres(options: options) { storage in
            try await storage.withConnection { db in
                try db.run("SET statement_timeout = 77")
                try db.run("CREATE TEMPORARY TABLE temporary_one (id BIGINT)")
                try db.run("SELECT pg_advisory_lock(42)")
                try db.run("LISTEN something")
            }
            try await storage.withConnection { db in
                let timeout: String = try db.run("SHOW statement_timeout")[0]["statement_timeout"]
                #expect(timeout == "1min")
                let left = try db.run(
                    """
                    SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
                    UNION ALL SELECT 1 FROM pg_listening_channels()
                    UNION ALL SELECT 1 FROM pg_class WHERE relname = 'temporary_one'
                    """
                ).count
                #expect(left == 0)
            }
        }
    }

    @Test func changedTablesAreMetByPreparingAnew() async throws {
        var options = PostgresOptions()
        options.statementCacheSize = 3
        try await withPostgres(options: options) { storage in
            try await storage.transaction { db in _ = try db.run("CREATE TABLE t (id BIGINT, n BIGINT)") }
            let all = Select("*").from("t").where("id = \(1)")
            try await storage.transaction { db in _ = try db.run(Insert("t").values(["id": 1, "n": 2])) }
            func names() async throws -> [[String]] {
                [
                    try await storage.read { db in try db.run(all).columns.names },
                    try await storage.transaction { db in
                        try db.run("SELECT 1 AS one")
                        return try db.run(all).columns.names
                    },
                    try await storage.withConnection { db in try db.run(all).columns.names },
                ]
            }
            #expect(try await names() == [["id", "n"], ["id", "n"], ["id", "n"]])
            try await administerIn(storage, "ALTER TABLE t ADD COLUMN late text")
            #expect(try await names() == [["id", "n", "late"], ["id", "n", "late"], ["id", "n", "late"]])
            for number in 1...20 {
                let rows = try await storage.read { db in try db.run(Select("*").from("t").limit(number)).count }
                #expect(rows == 1)
            }
            let prepared: Int = try await storage.read { db in
                try db.run("SELECT count(*) AS n FROM pg_prepared_statements")[0]["n"]
            }
            #expect(prepared <= 4)
            try await storage.transaction { db in
                _ = try db.run(all)
                try db.run("ALTER TABLE t DROP COLUMN late")
                #expect(try db.run(all).columns.names == ["id", "n"])
            }
        }
    }

    /// By another connection than the storage's.
    private func administerIn(_ storage: PostgresStorage, _ script: String) async throws {
        let schema: String = try await storage.read { db in try db.run("SELECT current_schema() AS s")[0]["s"] }
        try await administer("SET search_path = \(schema); \(script)")
    }

    @Test(arguments: [
        "host=no-such-host.invalid user=x password=hunter2", "postgres://x:hunter2@no-such-host.invalid/db",
    ])
    func aBadHostIsNamed(string: String) async throws {
        await #expect { try await PostgresStorage.open(string) } throws: {
            code($0) == .unavailable && "\($0)".contains("no-such-host.invalid") && !"\($0)".contains("hunter2")
        }
    }

    @Test func badStringsAndUsers() async throws {
        for string in [
            "nonsense", "hostt=x password=hunter2", "postgres://u:hunter2@[::1/x", "host='x password=hunter2",
        ] {
            await #expect { try await PostgresStorage.open(string) } throws: {
                code($0) == .unavailable && !"\($0)".contains("hunter2")
            }
        }
        let server = try TestServer.string()
        await #expect { try await PostgresStorage.open(server + " user=nobody_of_this_name") } throws: {
            code($0) == .permission
        }
        await #expect { try await PostgresStorage.open(server + " dbname=no_such_database") } throws: {
            code($0) == .unavailable && "\($0)".contains("no_such_database")
        }
        var options = PostgresOptions()
        options.retryDeadline = .milliseconds(200)
        await #expect { try await PostgresStorage.open("host=/nowhere user=x", options: options) } throws: {
            code($0) == .unavailable && "\($0)".contains("/nowhere")
        }
        await #expect { try await PostgresStorage.open("host=127.0.0.1 port=1 user=x", options: options) } throws: {
            code($0) == .unavailable && "\($0)".contains("127.0.0.1")
        }
    }
}

/// What bodies may count while they run.
private final class Turns: Sendable {
    private let count = Mutex(0)

    var taken: Int { count.withLock { $0 } }

    func take() {
        count.withLock { $0 += 1 }
    }
}
