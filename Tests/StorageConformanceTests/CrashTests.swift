import Glibc
import QueryBuilder
import SQLiteStorage
import Storage
import Synchronization
import Testing

/// What a process leaves that is killed at a statement: the files as they are at that moment.
@Suite struct CrashTests {
    /// Copies the database's files each time that a statement asks for the time.
    private final class Camera: Sendable {
        let folder: String
        let count = Mutex(0)

        init(_ folder: String) {
            self.folder = folder
        }

        func shoot() {
            let number = count.withLock { count in
                count += 1
                return count
            }
            for suffix in ["", "-wal"] { copy("/live.db" + suffix, "/\(number).db" + suffix) }
        }

        private func copy(_ from: String, _ to: String) {
            guard let source = fopen(folder + from, "r"), let target = fopen(folder + to, "w") else { return }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while case let count = fread(&buffer, 1, buffer.count, source), count > 0 {
                fwrite(buffer, 1, count, target)
            }
            fclose(source)
            fclose(target)
        }
    }

    @Test func aMigrationKilledAtAnyStatementIsDoneOrNotBegun() async throws {
        let photo = "SELECT plue_now();\n"
        let first = Migration(version: 1, name: "one", script: "CREATE TABLE a (id INTEGER PRIMARY KEY, x BLOB);")
        let second = Migration(
            version: 2, name: "two",
            script: photo + "CREATE TABLE b (id INTEGER PRIMARY KEY);\n" + photo
                // Larger than the page cache, so that uncommitted pages reach the log.
                + "INSERT INTO a (x) WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 400)"
                + " SELECT randomblob(10000) FROM c;\n" + photo + "ALTER TABLE b ADD COLUMN n INTEGER;\n" + photo
                + "INSERT INTO b (n) SELECT id FROM a;\n" + photo)
        try await withTemporaryFolder { folder in
            let camera = Camera(folder)
            let clock = DatabaseClock {
                camera.shoot()
                return 1
            }
            let storage = try SQLiteStorage.open(path: folder + "/live.db", options: SQLiteOptions(clock: clock))
            try await storage.withConnection { db in try db.run("PRAGMA cache_size = 10").count }
            let applied = try await Migrator([first, second]).migrate(storage)
            #expect(applied == 2)
            camera.shoot()
            await storage.close()

            let photos = camera.count.withLock { $0 }
            #expect(photos == 8)
            for number in 1...photos {
                let copy = try SQLiteStorage.open(path: folder + "/\(number).db")
                let before = try await copy.read { db in
                    (
                        try db.run("SELECT 1 FROM sqlite_schema WHERE name = 'b'").count,
                        try db.run("PRAGMA integrity_check")[0]["integrity_check"] as String
                    )
                }
                let last = number == photos
                #expect(before == (last ? 1 : 0, "ok"))
                // The first was taken as the first migration's record was written: before its commit.
                let missing = try await Migrator([first, second]).migrate(copy)
                #expect(missing == (last ? 0 : number == 1 ? 2 : 1))
                let rows = try await copy.read { db in try db.run(Select("n").from("b")).count }
                #expect(rows == 400)
                await copy.close()
            }
        }
    }

    @Test func whatIsAcknowledgedIsInTheFiles() async throws {
        try await withTemporaryFolder { folder in
            let storage = try SQLiteStorage.open(
                path: folder + "/live.db", options: SQLiteOptions(durability: .full))
            let camera = Camera(folder)
            try await storage.transaction { db in try db.run("CREATE TABLE t (id INTEGER PRIMARY KEY)").count }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        _ = try await storage.transaction { db in try db.run(Insert("t").values(["id": number])).count }
                    }
                }
                try await group.waitForAll()
            }
            camera.shoot()
            let copy = try SQLiteStorage.open(path: folder + "/1.db")
            let rows = try await copy.read { db in try db.run(Select("id").from("t")).count }
            #expect(rows == 100)
            await copy.close()
            await storage.close()
        }
    }
}
