import Glibc
import PostgresStorage
import QueryBuilder
import Storage
import TestDatabases
import Testing

/// The answer to COMMIT is lost, and the transaction is neither lost nor applied twice.
@Suite(.enabled(if: TestServer.isExpected)) struct LostCommitTests {
    @Test(arguments: [false, true])
    func isAskedFor(finishing: Bool) async throws {
        let server = try TestServer.string()
        try await withPostgres { direct in
            try await direct.transaction { db in
                _ = try db.run("CREATE TABLE t (id BIGINT PRIMARY KEY, at TIMESTAMPTZ DEFAULT now())")
            }
            let schema: String = try await direct.read { db in try db.run("SELECT current_schema() AS s")[0]["s"] }
            try await withTemporaryFolder { folder in
                let cuts = 40
                let proxy = try CuttingProxy(before: server, folder: folder, cuts: cuts)
                var options = PostgresOptions()
                options.allowsUnsafeServer = true
                options.schema = schema
                options.acquireTimeout = .seconds(300)
                let storage = try await PostgresStorage.open(server + " host=\(folder)", options: options)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<200 {
                        group.addTask {
                            // A second execution of the body would break the primary key.
                            let result = try await storage.transaction { db in
                                let insert = Insert("t").values(["id": number]).returning("id")
                                if finishing {
                                    return try db.finishing([insert.statement(for: db.dialect)])[0][0]["id"] as Int
                                }
                                return try db.one(insert)["id"] as Int
                            }
                            #expect(result == number)
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(proxy.remaining == 0)
                let rows = try await direct.read { db in try db.run(Select("id").from("t")).count }
                #expect(rows == 200)
                #expect(storage.metrics.transactions == 200)
                await storage.close()
                proxy.close()
                unlink(folder + "/.s.PGSQL.5432")
            }
        }
    }
}
