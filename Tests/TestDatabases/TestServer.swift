internal import Glibc
public import PostgresStorage
internal import Storage

/// The PostgreSQL server of `scripts/postgres`, by its connection string in `PLUE_TEST_POSTGRES`.
public enum TestServer {
    public static var connectionString: String? {
        getenv("PLUE_TEST_POSTGRES").map { String(cString: $0) }
    }

    private static var isCI: Bool {
        getenv("CI").map { String(cString: $0) } == "true"
    }

    /// Without one its tests are left out, but in CI they fail.
    public static var isExpected: Bool { connectionString != nil || isCI }

    public struct Missing: Error, CustomStringConvertible {
        public let description = "PLUE_TEST_POSTGRES is not set: run the tests by scripts/postgres"
    }

    public static func string() throws -> String {
        guard let connectionString else { throw Missing() }
        return connectionString
    }
}

/// Opens a schema of its own, runs `body`, closes and drops it. The pooler's sessions get the schema from the connection
/// string, as they would from a role's settings.
@discardableResult
public func withPostgres<R>(
    pooler: Bool = false, options: PostgresOptions = PostgresOptions(),
    _ body: (PostgresStorage) async throws -> R
) async throws -> R {
    let schema = "plue_\(UInt64.random(in: 0...UInt64.max))"
    var own = options
    // The machine may be busy with other tests.
    if own.acquireTimeout == PostgresOptions().acquireTimeout { own.acquireTimeout = .seconds(300) }
    own.allowsUnsafeServer = true
    own.transactionPooler = pooler
    own.schema = pooler ? nil : schema
    let server = try TestServer.string()
    try await administer("CREATE SCHEMA \(schema)")
    let storage = try await PostgresStorage.open(
        pooler ? server + " options='-c search_path=\(schema)'" : server, options: own)
    do {
        let result = try await body(storage)
        await storage.close()
        try await administer("DROP SCHEMA \(schema) CASCADE")
        return result
    } catch {
        await storage.close()
        try? await administer("DROP SCHEMA \(schema) CASCADE")
        throw error
    }
}

/// Runs a script beside what is tested.
public func administer(_ script: String) async throws {
    var options = PostgresOptions()
    options.allowsUnsafeServer = true
    let storage = try await PostgresStorage.open(try TestServer.string(), options: options)
    do {
        try await storage.withConnection { db in try db.executeScript(script) }
    } catch {
        await storage.close()
        throw error
    }
    await storage.close()
}
