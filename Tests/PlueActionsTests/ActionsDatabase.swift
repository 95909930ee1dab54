import Foundation
import Model
import Storage
import TestDatabases
import Testing

@testable import PlueActions

/// The databases that every test of the interface runs on.
enum ActionsDatabase: String, CaseIterable, Sendable {
    case sqliteMemory
    case sqliteFile
    case postgres

    static var allCases: [ActionsDatabase] {
        TestServer.isExpected ? [.sqliteMemory, .sqliteFile, .postgres] : [.sqliteMemory, .sqliteFile]
    }

    /// Opens an empty database, runs `body`, closes it and removes what it left.
    func withEmpty<R>(_ body: (Actions) async throws -> R) async throws -> R {
        var options = ActionsOptions(isDurable: false, allowsUnsafeServer: true)
        switch self {
        case .sqliteMemory: return try await run("sqlite::memory:", options, body)
        case .sqliteFile:
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plue-ac-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            return try await run("sqlite:\(folder.path)/test.db", options, body)
        case .postgres:
            let schema = "plue_ac_\(UInt64.random(in: 0...UInt64.max))"
            options.schema = schema
            try await administer("CREATE SCHEMA \(schema)")
            let result = await Result { try await run(try Self.url(), options, body) }
            try await administer("DROP SCHEMA \(schema) CASCADE")
            return try result.get()
        }
    }

    /// The same with its schema.
    func with<R>(_ body: (Actions) async throws -> R) async throws -> R {
        try await withEmpty { actions in
            try await actions.applyMigrations()
            return try await body(actions)
        }
    }

    private func run<R>(
        _ url: String, _ options: ActionsOptions, _ body: (Actions) async throws -> R
    ) async throws -> R {
        let actions = try await Actions.open(url, options: options)
        let result = await Result { try await body(actions) }
        await actions.close()
        return try result.get()
    }

    /// The server's connection string as a URL: `host=/folder user=… dbname=…`.
    private static func url() throws -> String {
        var parts: [String: String] = [:]
        for part in try TestServer.string().split(separator: " ") {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            if pair.count == 2 { parts[pair[0]] = pair[1] }
        }
        return "postgres:///\(parts["dbname"] ?? "")?host=\(parts["host"] ?? "")&user=\(parts["user"] ?? "")"
    }
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
