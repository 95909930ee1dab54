import QueryBuilder
import Storage
import Testing

@Suite struct TransactionTests {
    private func counters(_ storage: any StorageBackend) async throws {
        try await storage.transaction { db in
            try db.run("CREATE TABLE c (id BIGINT PRIMARY KEY, n BIGINT NOT NULL CHECK (n >= 0))")
            try db.run(Insert("c").values(["id": 1, "n": 0]))
        }
    }

    private func value(_ storage: any StorageBackend) async throws -> Int {
        let row = try await storage.read { db in try db.one(Select("n").from("c").where("id = 1")) }
        return try row["n"]
    }

    @Test(arguments: Backend.allCases)
    func aThrowUndoesEverything(backend: Backend) async throws {
        try await backend.with { storage in
            try await counters(storage)
            await #expect(throws: Planned.self) {
                try await storage.transaction { db in
                    try db.run(Update("c").set("n", 5))
                    throw Planned()
                }
            }
            #expect(try await value(storage) == 0)
        }
    }

    @Test(arguments: Backend.allCases)
    func savepointsNest(backend: Backend) async throws {
        try await backend.with { storage in
            try await counters(storage)
            try await storage.transaction { db in
                try db.run(Update("c").set("n", 1))
                try? db.savepoint { db in
                    try db.run(Update("c").set("n", 2))
                    try db.savepoint { db in _ = try db.run(Update("c").set("n", 3)) }
                    _ = try? db.savepoint { db in
                        try db.run(Update("c").set("n", -1))
                    }
                    let inner: Int = try db.one(Select("n").from("c"))["n"]
                    #expect(inner == 3)
                    throw Planned()
                }
                let outer: Int = try db.one(Select("n").from("c"))["n"]
                #expect(outer == 1)
            }
            #expect(try await value(storage) == 1)
        }
    }

    @Test(arguments: Backend.allCases)
    func concurrentIncrementsLoseNothing(backend: Backend) async throws {
        try await backend.with { storage in
            try await counters(storage)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<500 {
                    group.addTask {
                        try await storage.transaction { db in
                            let n: Int = try db.one(Select("n").from("c").where("id = 1").forUpdate())["n"]
                            try db.run(Update("c").set("n", n + 1).where("id = 1"))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await value(storage) == 500)
        }
    }

    @Test(arguments: Backend.allCases)
    func aFailingMemberHarmsNoOther(backend: Backend) async throws {
        try await backend.with { storage in
            try await counters(storage)
            try await storage.transaction { db in _ = try db.run("CREATE TABLE done (id BIGINT PRIMARY KEY)") }
            let failures = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        do {
                            try await storage.transaction { db in
                                try db.run(Insert("done").values(["id": number]))
                                if number % 3 == 0 { throw Planned() }
                                if number % 50 == 1 { try db.run(Insert("done").values(["id": number])) }
                            }
                            // Committed when it returns: any reader sees it.
                            let seen = try await storage.read { db in
                                try db.run(Select("id").from("done").where("id = \(number)")).count
                            }
                            #expect(seen == 1)
                            return false
                        } catch let error {
                            #expect(error is Planned ? number % 3 == 0 : code(error) == .unique)
                            return true
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            let rows = try await storage.read { db in try db.run(Select("id").from("done")).count }
            #expect(failures == 100 + 4 && rows == 300 - failures)
        }
    }

    @Test(arguments: Backend.allCases)
    func constraintsAreTyped(backend: Backend) async throws {
        try await backend.with { storage in
            try await storage.transaction { db in
                try db.run("CREATE TABLE p (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE)")
                try db.run(
                    """
                    CREATE TABLE k (id BIGINT PRIMARY KEY, p BIGINT REFERENCES p (id), n BIGINT,
                        CONSTRAINT k_n_positive CHECK (n > 0))
                    """)
                try db.run(Insert("p").values(["id": 1, "name": "a"]))
            }
            func check(_ expected: StorageError.Code, _ subject: String?, _ query: some Query) async {
                await #expect {
                    try await storage.transaction { db in try db.run(query).changes }
                } throws: { error in
                    guard let error = error as? StorageError, error.code == expected, error.isConstraint else {
                        return false
                    }
                    return subject.map { error.subject?.contains($0) == true } ?? true
                }
            }
            await check(.unique, "p", Insert("p").values(["id": 1, "name": "b"]))
            await check(.unique, "name", Insert("p").values(["id": 2, "name": "a"]))
            await check(.notNull, "name", Insert("p").values(["id": 2]))
            await check(.foreignKey, nil, Insert("k").values(["id": 1, "p": 9]))
            await check(.check, "k_n_positive", Insert("k").values(["id": 1, "n": 0]))
        }
    }

    @Test(arguments: Backend.allCases)
    func aDeferredRuleFailsOnlyItsTransaction(backend: Backend) async throws {
        try await backend.with { storage in
            try await storage.transaction { db in
                try db.run("CREATE TABLE p (id BIGINT PRIMARY KEY)")
                try db.run(
                    "CREATE TABLE k (id BIGINT PRIMARY KEY, p BIGINT REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)")
            }
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let broken = number % 10 == 0
                        do {
                            try await storage.transaction { db in
                                try db.run(Insert("k").values(["id": number, "p": number]))
                                if !broken { try db.run(Insert("p").values(["id": number])) }
                            }
                            #expect(!broken)
                        } catch {
                            #expect(broken && code(error) == .foreignKey)
                        }
                    }
                }
            }
            #expect(try await storage.read { db in try db.run(Select("id").from("k")).count } == 54)
        }
    }

    @Test(arguments: Backend.allCases)
    func aReadSeesOneSnapshotAndCannotWrite(backend: Backend) async throws {
        try await backend.with { storage in
            try await counters(storage)
            await #expect { try await storage.read { db in try db.run(Update("c").set("n", 9)).changes } } throws: {
                code($0) == .readOnly
            }
            try await storage.transaction { db in _ = try db.run(Update("c").set("n", 2)) }
            #expect(try await value(storage) == 2)
        }
    }

    @Test(arguments: Backend.allCases)
    func bulkInsertIsAllOrNothing(backend: Backend) async throws {
        try await backend.with { storage in
            try await storage.transaction { db in
                try db.run("CREATE TABLE b (id BIGINT PRIMARY KEY, t TEXT)")
                let rows = try db.run(
                    Insert("b").rows(["id", "t"], (0..<2500).map { [$0, "row \($0)"] }).returning("id"))
                #expect(rows.changes == 2500 && rows.count == 2500)
                let last: Int = try rows[2499]["id"]
                #expect(last == 2499)
                #expect(throws: StorageError.self) {
                    try db.savepoint { db in
                        try db.run(Insert("b").rows(["id", "t"], (2500..<3000).map { [$0, "x"] } + [[0, "twice"]]))
                    }
                }
                #expect(try db.run(Select("id").from("b")).count == 2500)
                #expect(
                    try db.run(
                        Insert("b").rows(["id", "t"], [[1, "y"], [9000, "z"]]).onConflict("id", .doNothing)
                    ).changes == 1)
                #expect(try db.run(Insert("b").rows(["id"], [])).changes == 0)
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func upsertReturningAndWith(backend: Backend) async throws {
        try await backend.with { storage in
            try await counters(storage)
            try await storage.transaction { db in
                let row = try db.first(
                    Insert("c").values(["id": 1, "n": 4]).onConflict(
                        "id", .doUpdate(set: ["n": "c.n + excluded.n" as SQL])
                    )
                    .returning("n"))
                let n: Int? = try row?["n"]
                #expect(n == 4)
                let sum = try db.one(
                    With("x", as: Select("n").from("c")).with("y", as: Select("n + 1 AS m").from("x"))
                        .then(Select("sum(m) AS total").from("y")))
                let total: Int = try sum["total"]
                #expect(total == 5)
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func withConnectionIsExclusiveAndCleansUp(backend: Backend) async throws {
        try await backend.with { storage in
            try await counters(storage)
            await #expect(throws: Planned.self) {
                try await storage.withConnection { db in
                    try db.run("BEGIN")
                    try db.run(Update("c").set("n", 7))
                    await Task.yield()
                    throw Planned()
                }
            }
            #expect(try await value(storage) == 0)
            let n = try await storage.withConnection { db in
                await Task.yield()
                return try db.run(Update("c").set("n", 8)).changes
            }
            #expect(n == 1)
            #expect(try await value(storage) == 8)
        }
    }

    @Test(arguments: Backend.allCases)
    func closedRefuses(backend: Backend) async throws {
        try await backend.with { storage in
            await storage.close()
            await #expect { try await storage.transaction { _ in 1 } } throws: { code($0) == .unavailable }
            await #expect { try await storage.read { _ in 1 } } throws: { code($0) == .unavailable }
            await #expect { try await storage.withConnection { _ in 1 } } throws: { code($0) == .unavailable }
            await storage.close()
        }
    }

    @Test(arguments: Backend.allCases)
    func cancellationBeforeTheTurn(backend: Backend) async throws {
        try await backend.with { storage in
            try await counters(storage)
            let holders = (0..<(backend.isPostgres ? 8 : 1)).map { _ in Holder(storage) }
            for holder in holders { await holder.started() }
            let waiter = Task { try await storage.transaction { db in try db.run(Update("c").set("n", 1)).changes } }
            await Task.yield()
            waiter.cancel()
            await #expect { try await waiter.value } throws: { code($0) == .cancelled }
            for holder in holders { try await holder.end() }
            #expect(try await value(storage) == 0)
        }
    }

    @Test(arguments: Backend.allCases)
    func misuseIsAnError(backend: Backend) async throws {
        try await backend.with { storage in
            try await counters(storage)
            await #expect { try await storage.read { db in try db.run("SELEC 1").count } } throws: {
                code($0) == .syntax
            }
            await #expect { try await storage.read { db in try db.run("SELECT 1 FROM nope").count } } throws: {
                code($0) == .noSuchTable
            }
            await #expect {
                try await storage.withConnection { db in try db.savepoint { _ in 1 } }
            } throws: { code($0) == .misuse }
            // Where a pool gives another connection this works.
            if !backend.isPostgres {
                await #expect {
                    try await storage.withConnection { _ in try await storage.transaction { _ in 1 } }
                } throws: { code($0) == .misuse }
            }
            await #expect {
                try await storage.transaction { db in
                    try db.run(Update("c").set("n", 1))
                    try db.run("ROLLBACK")
                }
            } throws: { code($0) == .misuse }
            await #expect { try await storage.read { db in try db.run("SELECT 1; SELECT 2").count } } throws: {
                code($0) == .misuse
            }
            #expect(try await value(storage) == 0)
        }
    }
}
