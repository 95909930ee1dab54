import CSQLite3
import Glibc
import Storage

extension SQLiteStorage {
    /// Writes a compact copy of the database, as one moment saw it, to a new file, while others read and write. The
    /// file appears whole or not at all, and is on the disk when this returns.
    ///
    /// Throws `unavailable` when there is a file already, `full`, `io` or `permission`.
    public func backup(to path: String) async throws {
        guard access(path, F_OK) != 0 else {
            throw StorageError(.unavailable, subject: path, "\(path) is there already: give another path, or remove it")
        }
        let partial = "\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).partial"
        defer { unlink(partial) }
        do {
            try await withConnection { db in
                _ = try db.execute(Statement(sql: "VACUUM INTO ?", parameters: [.text(partial)]))
            }
        } catch let error as StorageError where [.unavailable, .permission, .full, .io].contains(error.code) {
            throw StorageError(error.code, subject: path, "cannot write the copy \(path): \(error.message)")
        }
        try Self.sync(partial)
        // Never in place of a file that came meanwhile.
        guard link(partial, path) == 0 else { throw Self.failure("name the copy", path) }
        if let slash = path.lastIndex(of: "/") { try Self.sync(String(path[...slash])) }
    }

    /// Replaces the content of the database at `path` by that of a backup, in one transaction: whoever has it open sees
    /// the old content or the new. A file that is no sound database is refused before anything is changed.
    public static func restore(from backup: String, to path: String) async throws {
        guard access(backup, R_OK) == 0 else { throw failure("read", backup) }
        let source = try SQLiteHandle(path: backup, options: SQLiteOptions())
        defer { source.close() }
        try checkIntegrity(source)
        let target = try SQLiteHandle(path: path, options: SQLiteOptions())
        defer { target.close() }
        guard let copy = sqlite3_backup_init(try target.raw, "main", try source.raw, "main") else {
            throw target.error(sqlite3_errcode(try target.raw))
        }
        let deadline = ContinuousClock.now + .seconds(30)
        var code = sqlite3_backup_step(copy, -1)
        while (code & 0xff == SQLITE_BUSY || code & 0xff == SQLITE_LOCKED), ContinuousClock.now < deadline {
            usleep(20_000)
            code = sqlite3_backup_step(copy, -1)
        }
        let finished = sqlite3_backup_finish(copy)
        guard code == SQLITE_DONE else { throw target.error(code) }
        guard finished == SQLITE_OK else { throw target.error(finished) }
    }

    /// Throws `corrupt` with what `PRAGMA integrity_check` finds first.
    private static func checkIntegrity(_ handle: SQLiteHandle) throws(StorageError) {
        let rows = try PreparedStatement("PRAGMA integrity_check(1)", handle).run([])
        guard let row = rows.first, try row["integrity_check"] as String == "ok" else {
            throw StorageError(.corrupt, subject: handle.path, "\(handle.path) is damaged: it is not restored")
        }
    }

    private static func sync(_ path: String) throws(StorageError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("write", path) }
    }

    private static func failure(_ verb: String, _ path: String) -> StorageError {
        let code: StorageError.Code =
            switch errno {
            case ENOSPC, EDQUOT: .full
            case EACCES, EPERM: .permission
            case ENOENT, ENOTDIR: .unavailable
            default: .io
            }
        return StorageError(code, subject: path, "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
