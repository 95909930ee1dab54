import Glibc
import PostgresStorage
import SQLiteStorage
import Storage
import TestDatabases
import Testing

/// The databases that every conformance test runs on.
enum Backend: CaseIterable, Sendable {
    case sqlite
    case sqliteMemory
    case postgres
    /// Behind a pooler that gives each transaction another session: nothing may be kept in one.
    case postgresPooler

    /// PostgreSQL is among them if there is one: in CI there must be.
    static var allCases: [Backend] {
        TestServer.isExpected ? [.sqlite, .sqliteMemory, .postgres, .postgresPooler] : [.sqlite, .sqliteMemory]
    }

    static var postgresCases: [Backend] {
        allCases.filter(\.isPostgres)
    }

    var isPostgres: Bool { self == .postgres || self == .postgresPooler }

    /// Several connections see the data.
    var isShared: Bool { self != .sqliteMemory }

    /// Opens an empty database, runs `body` and closes it.
    @discardableResult
    func with<R>(_ body: (any StorageBackend) async throws -> R) async throws -> R {
        switch self {
        case .sqlite:
            return try await withTemporaryFolder { folder in
                try await run(try SQLiteStorage.open(path: folder + "/test.db", options: Self.patient), body)
            }
        case .sqliteMemory:
            return try await run(try SQLiteStorage.open(path: ":memory:", options: Self.patient), body)
        case .postgres, .postgresPooler:
            return try await withPostgres(pooler: self == .postgresPooler) { try await body($0) }
        }
    }

    /// The machine may be busy with other tests.
    private static let patient = SQLiteOptions(busyTimeout: .seconds(300), acquireTimeout: .seconds(300))

    private func run<R>(
        _ storage: any StorageBackend, _ body: (any StorageBackend) async throws -> R
    ) async throws -> R {
        do {
            let result = try await body(storage)
            await storage.close()
            return result
        } catch {
            await storage.close()
            throw error
        }
    }
}

/// A folder that is removed with what SQLite puts into it.
func withTemporaryFolder<R>(_ body: (String) async throws -> R) async throws -> R {
    var template = Array("/tmp/plue-test-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } != nil }
    let folder = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    try #require(made && !folder.isEmpty)
    defer {
        if let directory = opendir(folder) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != "." && name != ".." { unlink(folder + "/" + name) }
            }
            closedir(directory)
        }
        rmdir(folder)
    }
    return try await body(folder)
}

/// The code of a storage error, nil for another.
func code(_ error: any Error) -> StorageError.Code? {
    (error as? StorageError)?.code
}

/// What a test throws by itself.
struct Planned: Error {}

/// Has one of a backend's connections until it is told to give it back.
final class Holder: Sendable {
    private let task: Task<Void, any Error>
    private let start: AsyncStream<Void>
    private let release: AsyncStream<Void>.Continuation

    init(_ storage: any StorageBackend) {
        let (started, starting) = AsyncStream<Void>.makeStream()
        let (released, release) = AsyncStream<Void>.makeStream()
        start = started
        self.release = release
        task = Task {
            defer { starting.finish() }
            try await storage.withConnection { _ in
                starting.finish()
                for await _ in released {}
            }
        }
    }

    func started() async {
        for await _ in start {}
    }

    func end() async throws {
        release.finish()
        try await task.value
    }
}
