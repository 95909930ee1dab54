import QueryBuilder
import Storage
import Testing

@Suite struct PipelineTests {
    private func table(_ storage: any StorageBackend) async throws {
        try await storage.transaction { db in _ = try db.run("CREATE TABLE t (id BIGINT PRIMARY KEY, x TEXT)") }
    }

    private func count(_ storage: any StorageBackend) async throws -> Int {
        try await storage.read { db in try db.run(Select("id").from("t")).count }
    }

    @Test(arguments: Backend.allCases)
    func resultsComeInOrder(backend: Backend) async throws {
        try await backend.with { storage in
            try await table(storage)
            let results = try await storage.transaction { db in
                try db.run([
                    Insert("t").rows(["id", "x"], [[1, "a"], [2, "b"]]), Select("x").from("t").orderBy("id"),
                    Update("t").set("x", "c").where("id = \(1)"), Select("x").from("t").where("id = \(1)"),
                    Delete("t").where("id = \(2)"),
                ])
            }
            #expect(results.map(\.changes) == [2, 0, 1, 0, 1])
            #expect(results.map(\.count) == [0, 2, 0, 1, 0])
            let last: String = try results[3][0]["x"]
            #expect(last == "c")
        }
    }

    @Test(arguments: Backend.allCases)
    func anErrorEndsItAndHarmsNothing(backend: Backend) async throws {
        try await backend.with { storage in
            try await table(storage)
            for failing in [0, 1, 150, 299] {
                let inserts: [any Query] = (0..<300).map { number in
                    Insert("t").values(["id": number == failing ? -1 : number, "x": "x"])
                }
                try await storage.transaction { db in
                    try db.run(Insert("t").values(["id": -1, "x": "first"]))
                    #expect { try db.savepoint { db in _ = try db.run(inserts) } } throws: { code($0) == .unique }
                    #expect(try db.run(Select("id").from("t")).count == 1)
                    try db.run(Delete("t"))
                }
                #expect(try await count(storage) == 0)
            }
        }
    }

    /// More than the buffers between client and server hold, both ways.
    @Test(arguments: Backend.allCases)
    func largeOnesDoNotBlock(backend: Backend) async throws {
        try await backend.with { storage in
            try await table(storage)
            let text = String(repeating: "x", count: 100_000)
            try await storage.transaction { db in
                let inserts: [any Query] = (0..<200).map {
                    Insert("t").values(["id": $0, "x": text]).returning("x")
                }
                let rows = try db.run(inserts)
                #expect(rows.count == 200)
                let last: String = try rows[199][0]["x"]
                #expect(last == text)
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func finishingCommits(backend: Backend) async throws {
        try await backend.with { storage in
            try await table(storage)
            let changes = try await storage.transaction { db in
                try db.finishing([
                    Insert("t").values(["id": 1]).statement(for: db.dialect),
                    Insert("t").values(["id": 2]).statement(for: db.dialect),
                ]).map(\.changes)
            }
            #expect(changes == [1, 1])
            #expect(try await count(storage) == 2)
            try await storage.transaction { db in
                try db.run(Insert("t").values(["id": 3]))
                _ = try db.finishing([])
            }
            #expect(try await count(storage) == 3)
            await #expect {
                try await storage.transaction { db in
                    try db.run(Insert("t").values(["id": 4]))
                    _ = try db.finishing([Insert("t").values(["id": 1]).statement(for: db.dialect)])
                }
            } throws: { code($0) == .unique }
            #expect(try await count(storage) == 3)
            // In a savepoint it does not commit.
            await #expect(throws: Planned.self) {
                try await storage.transaction { db in
                    try db.savepoint { db in
                        _ = try db.finishing([Insert("t").values(["id": 5]).statement(for: db.dialect)])
                    }
                    throw Planned()
                }
            }
            #expect(try await count(storage) == 3)
        }
    }

    @Test(arguments: Backend.postgresCases)
    func nothingFollowsFinishing(backend: Backend) async throws {
        try await backend.with { storage in
            try await table(storage)
            await #expect {
                try await storage.transaction { db in
                    _ = try db.finishing([Insert("t").values(["id": 1]).statement(for: db.dialect)])
                    _ = try db.run(Insert("t").values(["id": 2]))
                }
            } throws: { code($0) == .misuse }
            #expect(try await count(storage) == 1)
        }
    }
}
