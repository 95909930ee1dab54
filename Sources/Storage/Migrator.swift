/// Brings a database's schema to this program's version.
public struct Migrator: Sendable {
    public typealias Recording = @Sendable ([Migration], isolated any StorageConnection) throws -> Void

    private let migrations: [Migration]
    private let checksums: [String]

    /// `migrations` are numbered from 1 without gaps, in order; `migrate` refuses others.
    public init(_ migrations: [Migration]) {
        self.migrations = migrations
        checksums = migrations.map(\.checksum)
    }

    /// Applies what is missing and returns how many migrations that were. Each runs in a transaction of its own, so that
    /// a process killed at any moment leaves it done or not begun; of several processes one does the work.
    ///
    /// Up to `version`, nil for all: a schema of the past, for tests of what comes after it. Nothing is ever undone.
    ///
    /// `recording` writes down, in the transaction of the last one, what was applied to a database that was not empty.
    ///
    /// Throws `newerSchema`, `migrationChanged`, `migrationMissing`, `migrationOutOfOrder` before anything is changed,
    /// `migrationFailed` for a script with an error, and the errors of the storage.
    @discardableResult
    public func migrate(
        _ backend: some StorageBackend, to version: Int? = nil, recording: Recording? = nil
    ) async throws -> Int {
        let last = version ?? migrations.count
        guard (0...migrations.count).contains(last) else {
            throw StorageError(
                .migrationMissing, subject: String(last),
                "there is no migration \(last): this program knows 1 to \(migrations.count)")
        }
        let applied = migrations.count - (try await pending(backend).count)
        guard version == nil || applied <= last else {
            throw StorageError(
                .migrationOutOfOrder, subject: String(last),
                "the database is at migration \(applied); migrations are not undone: start from an empty database")
        }
        if applied >= last { return 0 }
        var count = 0
        do {
            while try await applyNext(backend, applied..<last, recording) { count += 1 }
        } catch var error as StorageError where error.code == .permission {
            error.message += ": migrations \(applied + 1) to \(last) need the owner of the database's tables"
            throw error
        }
        return count
    }

    /// Every migration of this program with the time at which it was applied, nil when it was not. Throws as `migrate`.
    public func status(_ backend: some StorageBackend) async throws -> [(migration: Migration, appliedAt: Timestamp?)] {
        try checkList()
        let records = try await backend.withConnection { db in try MigrationRecord.all(db) }
        _ = try check(records)
        return migrations.enumerated().map { index, migration in
            (migration, index < records.count ? records[index].appliedAt : nil)
        }
    }

    /// What `migrate` would apply; throws as it does.
    public func pending(_ backend: some StorageBackend) async throws -> [Migration] {
        try checkList()
        let records = try await backend.withConnection { db in try MigrationRecord.all(db) }
        return Array(migrations.dropFirst(try check(records)))
    }

    /// Applies one migration if any is missing. Other processes wait for the transaction, then see its result.
    private func applyNext(
        _ backend: some StorageBackend, _ missing: Range<Int>, _ recording: Recording?
    ) async throws -> Bool {
        try await backend.transaction { db in
            if let lock = db.dialect.migrationLock { _ = try db.execute(Statement(sql: lock)) }
            try MigrationRecord.createTable(db)
            let applied = try check(try MigrationRecord.all(db))
            guard applied < missing.upperBound else { return false }
            let migration = migrations[applied]
            do throws(StorageError) {
                try db.executeScript(migration.script)
            } catch {
                throw Self.failure(of: migration, error)
            }
            try MigrationRecord(version: migration.version, name: migration.name, checksum: checksums[applied])
                .insert(db)
            if applied + 1 == missing.upperBound, missing.lowerBound > 0 {
                try recording?(Array(migrations[missing]), db)
            }
            return true
        }
    }

    /// The list itself: 1, 2, 3, …
    private func checkList() throws(StorageError) {
        for (index, migration) in migrations.enumerated() where migration.version != index + 1 {
            let gap = migration.version > index + 1
            throw StorageError(
                gap ? .migrationMissing : .migrationOutOfOrder, subject: migration.identifier,
                gap
                    ? "migration \(index + 1) is missing before \(migration.identifier)"
                    : "migration \(migration.identifier) is not in order: number \(index + 1) was expected")
        }
    }

    /// How many migrations are applied, if the records are a beginning of the list.
    private func check(_ records: [MigrationRecord]) throws(StorageError) -> Int {
        if let newest = records.last, newest.version > migrations.count {
            throw StorageError(
                .newerSchema, subject: newest.identifier,
                "the database was migrated by a newer program (\(newest.identifier)); this one knows \(migrations.count)"
                    + " migrations. Use the newer program, or a database of its own")
        }
        for (index, record) in records.enumerated() {
            guard record.version >= 1 else {
                throw StorageError(
                    .migrationMissing, subject: record.identifier,
                    "the database has applied \(record.identifier), which this program does not have")
            }
            let migration = migrations[index]
            guard record.version == migration.version else {
                throw StorageError(
                    .migrationOutOfOrder, subject: migration.identifier,
                    "migration \(migration.identifier) was not applied although \(record.identifier) was")
            }
            guard record.checksum == checksums[index] else {
                throw StorageError(
                    .migrationChanged, subject: migration.identifier,
                    "migration \(migration.identifier) differs from the one applied to the database"
                        + " (applied as \(record.identifier), sha256 \(record.checksum); here \(checksums[index]))."
                        + " An applied migration must not be edited: add a new one")
            }
        }
        return records.count
    }

    /// Trouble with the environment keeps its code; an error of the script names the migration.
    private static func failure(of migration: Migration, _ error: StorageError) -> StorageError {
        switch error.code {
        case .busy, .serialization, .full, .io, .readOnly, .permission, .corrupt, .notADatabase, .outOfMemory,
            .connectionLost, .unavailable, .interrupted:
            return error
        default:
            return StorageError(
                .migrationFailed, subject: migration.identifier,
                "migration \(migration.identifier) failed and left nothing behind: \(error.message)")
        }
    }
}
