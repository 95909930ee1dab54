import Glibc
import QueryBuilder
import SQLiteStorage
import Storage
import Synchronization
import Testing

/// What belongs to a file: processes that share it, full disks, damage.
@Suite struct SQLiteTests {
    private func code(of body: () throws -> Void) -> StorageError? {
        do {
            try body()
            return nil
        } catch {
            return error as? StorageError
        }
    }

    @Test func twoBackendsShareOneFile() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/shared.db"
            let backends = try [SQLiteStorage.open(path: path), SQLiteStorage.open(path: path)]
            try await backends[0].transaction { db in
                try db.run("CREATE TABLE c (n BIGINT)")
                try db.run(Insert("c").values(["n": 0]))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<400 {
                    group.addTask {
                        try await backends[number % 2].transaction { db in
                            let n: Int = try db.one(Select("n").from("c"))["n"]
                            try db.run(Update("c").set("n", n + 1))
                        }
                    }
                }
                try await group.waitForAll()
            }
            for backend in backends {
                let n: Int = try await backend.read { db in try db.one(Select("n").from("c"))["n"] }
                #expect(n == 400)
                await backend.close()
            }
        }
    }

    @Test func aFileThatIsRemovedOrReplacedIsNoticed() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/a.db"
            let storage = try SQLiteStorage.open(path: path)
            try await storage.transaction { db in try db.run("CREATE TABLE c (n BIGINT)") }
            try storage.checkPlace()
            #expect(rename(path, path + ".away") == 0)
            let removed = code { try storage.checkPlace() }
            #expect(removed?.code == .unavailable && removed?.message.contains("was removed") == true)
            let other = try SQLiteStorage.open(path: path)
            let replaced = code { try storage.checkPlace() }
            #expect(replaced?.code == .unavailable && replaced?.message.contains("was replaced") == true)
            try other.checkPlace()
            await other.close()
            #expect(rename(path + ".away", path) == 0)
            try storage.checkPlace()
            await storage.close()
            let inMemory = try SQLiteStorage.open(path: ":memory:")
            try inMemory.checkPlace()
            await inMemory.close()
        }
    }

    @Test func manyOpenANewFileAtOnce() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/new.db"
            let migration = Migration(version: 1, name: "a", script: "CREATE TABLE a (id INTEGER PRIMARY KEY);")
            let applied = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let storage = try SQLiteStorage.open(path: path)
                        let count = try await Migrator([migration]).migrate(storage)
                        await storage.close()
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(applied == 1)
        }
    }

    @Test func aLockedFileIsBusyAfterTheDeadline() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/locked.db"
            let holder = try SQLiteStorage.open(path: path)
            let other = try SQLiteStorage.open(path: path, options: SQLiteOptions(busyTimeout: .milliseconds(30)))
            try await holder.withConnection { db in
                try db.run("BEGIN IMMEDIATE")
                await #expect { try await other.transaction { _ in 1 } } throws: { error in
                    (error as? StorageError)?.code == .busy && "\(error)".contains(path)
                }
            }
            #expect(try await other.transaction { _ in 1 } == 1)
            await holder.close()
            await other.close()
        }
    }

    @Test func aFullDiskIsAnErrorAndRecovers() async throws {
        try await withTemporaryFolder { folder in
            let storage = try SQLiteStorage.open(path: folder + "/full.db")
            try await storage.transaction { db in
                try db.run("CREATE TABLE big (id INTEGER PRIMARY KEY, x BLOB)")
                try db.run("CREATE TABLE small (id INTEGER PRIMARY KEY)")
            }
            try await storage.withConnection { db in _ = try db.run("PRAGMA max_page_count = 20") }
            let results = await withTaskGroup(of: (Int, StorageError.Code?).self) { group in
                for number in 0..<40 {
                    group.addTask {
                        do {
                            try await storage.transaction { db in
                                try db.run(Insert("small").values(["id": number]))
                                if number % 4 == 0 {
                                    try db.run(Insert("big").values(["x": [UInt8](repeating: 1, count: 500_000)]))
                                }
                            }
                            return (number, nil)
                        } catch {
                            return (number, (error as? StorageError)?.code)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for (number, code) in results {
                #expect(code == (number % 4 == 0 ? .full : nil))
            }
            try await storage.withConnection { db in _ = try db.run("PRAGMA max_page_count = 100000") }
            try await storage.transaction { db in
                try db.run(Insert("big").values(["x": [UInt8](repeating: 1, count: 500_000)]))
            }
            let state = try await storage.read { db in
                (try db.run(Select("id").from("small")).count, try db.run("PRAGMA integrity_check").first)
            }
            let integrity: String? = try state.1?["integrity_check"]
            #expect(state.0 == 30 && integrity == "ok")
            await storage.close()
        }
    }

    @Test func aBodyThatHidesALostTransactionFails() async throws {
        try await withTemporaryFolder { folder in
            let storage = try SQLiteStorage.open(path: folder + "/full.db")
            try await storage.transaction { db in _ = try db.run("CREATE TABLE big (x BLOB)") }
            try await storage.withConnection { db in _ = try db.run("PRAGMA max_page_count = 20") }
            await #expect {
                try await storage.transaction { db in
                    _ = try? db.run(Insert("big").values(["x": [UInt8](repeating: 1, count: 500_000)]))
                    return 1
                }
            } throws: { ($0 as? StorageError)?.code == .misuse || ($0 as? StorageError)?.code == .full }
            await storage.close()
        }
    }

    @Test func damageIsNamed() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/text.db"
            let file = try #require(fopen(path, "w"))
            fputs(String(repeating: "this is no database\n", count: 400), file)
            fclose(file)
            let notADatabase = code { _ = try SQLiteStorage.open(path: path) }
            #expect(notADatabase?.code == .notADatabase && notADatabase?.message.contains(path) == true)
            let missing = code { _ = try SQLiteStorage.open(path: folder + "/no/such/folder.db") }
            #expect(missing?.code == .unavailable && missing?.message.contains("folder") == true)
            let isFolder = code { _ = try SQLiteStorage.open(path: folder) }
            #expect(isFolder?.code == .unavailable)
            let nul = code { _ = try SQLiteStorage.open(path: "a\0b") }
            #expect(nul?.code == .invalidValue)
        }
    }

    @Test func corruptionIsTyped() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/corrupt.db"
            let storage = try SQLiteStorage.open(path: path)
            try await storage.transaction { db in
                try db.run("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)")
                try db.run(
                    Insert("t").rows(["x"], (0..<3000).map { _ in [String(repeating: "x", count: 50)] }))
            }
            await storage.close()
            let file = try #require(fopen(path, "r+"))
            fseek(file, 4096, SEEK_SET)
            for _ in 0..<20_000 { fputs("garbage!", file) }
            fclose(file)
            let again = try SQLiteStorage.open(path: path)
            await #expect {
                try await again.read { db in try db.run("SELECT sum(length(x)) AS n FROM t").count }
            } throws: {
                ($0 as? StorageError)?.code == .corrupt && "\($0)".contains(path)
            }
            await again.close()
        }
    }

    @Test func aDatabaseInUseIsNotReplaced() async throws {
        try await withTemporaryFolder { folder in
            let (path, copy) = (folder + "/used.db", folder + "/copy.db")
            let storage = try SQLiteStorage.open(path: path)
            try await storage.transaction { db in
                try db.run("CREATE TABLE c (n BIGINT)")
                try db.run(Insert("c").values(["n": 1]))
            }
            try await storage.backup(to: copy)
            await #expect { try await storage.backup(to: copy) } throws: {
                ($0 as? StorageError)?.code == .unavailable && "\($0)".contains("is there already")
            }
            try await storage.transaction { db in try db.run(Update("c").set("n", 2)) }
            await #expect { try await SQLiteStorage.restore(from: copy, to: path) } throws: {
                ($0 as? StorageError)?.code == .busy && "\($0)".contains("in use")
            }
            #expect(try await storage.read { db in try db.one(Select("n").from("c"))["n"] } as Int == 2)
            await storage.close()
            try await SQLiteStorage.restore(from: copy, to: path)
            let restored = try SQLiteStorage.open(path: path)
            #expect(try await restored.read { db in try db.one(Select("n").from("c"))["n"] } as Int == 1)
            await restored.close()
        }
    }

    @Test func interruptStopsAStatement() async throws {
        try await withTemporaryFolder { folder in
            let storage = try SQLiteStorage.open(path: folder + "/endless.db")
            let endless: SQL = """
                WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) AS n FROM c
                """
            let (started, start) = AsyncStream<any StorageConnection>.makeStream()
            let task = Task {
                try await storage.withConnection { db in
                    start.yield(db)
                    start.finish()
                    return try db.run(endless).count
                }
            }
            let interrupter = Task.detached {
                for await connection in started {
                    while !Task.isCancelled {
                        connection.interrupt()
                        try? await Task.sleep(for: .milliseconds(1))
                    }
                }
            }
            await #expect { try await task.value } throws: { ($0 as? StorageError)?.code == .interrupted }
            interrupter.cancel()
            await interrupter.value
            #expect(try await storage.transaction { _ in 1 } == 1)

            let reading = Task { try await storage.read { db in try db.run(endless).count } }
            while storage.metrics.readers.leased == 0 { await Task.yield() }
            reading.cancel()
            await #expect { try await reading.value } throws: { ($0 as? StorageError)?.code == .cancelled }
            #expect(try await storage.read { db in try db.run("SELECT 1").count } == 1)
            await storage.close()
        }
    }

    @Test func readersAreMadeWhenNeededAndBounded() async throws {
        try await withTemporaryFolder { folder in
            let storage = try SQLiteStorage.open(
                path: folder + "/readers.db", options: SQLiteOptions(readers: 2, acquireTimeout: .seconds(300)))
            #expect(storage.metrics.readers.total == 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<100 {
                    group.addTask { _ = try await storage.read { db in try db.run("SELECT 1").count } }
                }
                try await group.waitForAll()
            }
            #expect((1...2).contains(storage.metrics.readers.total))
            #expect(storage.metrics.readers.leased == 0)
            await storage.close()
        }
    }

    @Test func waitingTransactionsShareCommits() async throws {
        try await withTemporaryFolder { folder in
            let storage = try SQLiteStorage.open(path: folder + "/group.db")
            try await storage.transaction { db in _ = try db.run("CREATE TABLE t (id INTEGER PRIMARY KEY)") }
            let (started, start) = AsyncStream<Void>.makeStream()
            let (release, free) = AsyncStream<Void>.makeStream()
            let holder = Task {
                try await storage.withConnection { _ in
                    start.finish()
                    for await _ in release {}
                }
            }
            for await _ in started {}
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        try await storage.transaction { db in _ = try db.run(Insert("t").values(["id": number])) }
                    }
                }
                while storage.metrics.writersWaiting < 50 { await Task.yield() }
                free.finish()
                try await group.waitForAll()
            }
            try await holder.value
            // A group is counted after its members were told of the commit.
            for _ in 0..<1_000 where storage.metrics.transactions < 51 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(storage.metrics.transactions == 51)
            #expect(storage.metrics.commits == 2)
            await storage.close()
        }
    }

    @Test func theClockCanBeReplaced() async throws {
        let clock = DatabaseClock { 42 }
        let storage = try SQLiteStorage.open(path: ":memory:", options: SQLiteOptions(clock: clock))
        let at: Timestamp = try await storage.read { db in try db.run("SELECT \(.now) AS at")[0]["at"] }
        #expect(at.microseconds == 42)
        await storage.close()
    }

    @Test func theStatementCacheEvicts() async throws {
        let storage = try SQLiteStorage.open(path: ":memory:", options: SQLiteOptions(statementCacheSize: 2))
        try await storage.transaction { db in
            try db.run("CREATE TABLE t (id INTEGER PRIMARY KEY, n BIGINT)")
            try db.run(Insert("t").values(["n": 5]))
            for number in 1...50 {
                // A limit is a literal, so that each of these is a statement of its own.
                #expect(try db.run(Select("*").from("t").limit(number)).columns.names == ["id", "n"])
            }
            let before = Select("*").from("t").limit(1)
            _ = try db.run(before)
            try db.run("ALTER TABLE t ADD COLUMN late TEXT")
            #expect(try db.run(before).columns.names == ["id", "n", "late"])
        }
        await storage.close()
    }
}
