import CLinux
import CSQLite3
import Glibc
import Storage

extension SQLiteStorage {
    /// Writes a compact copy of the database, as one moment saw it, to a new file, while others read and write. The
    /// file appears whole or not at all, and is on the disk when this returns. Until then it is called `partial`, which
    /// must be a name beside it that nobody else has; nil chooses one.
    ///
    /// Throws `unavailable` when there is a file already, `full`, `io` or `permission`.
    public func backup(to path: String, through partial: String? = nil) async throws {
        guard access(path, F_OK) != 0 else { throw Self.exists(path) }
        let partial = partial ?? "\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).partial"
        defer { unlink(partial) }
        SQLiteHandle.makePrivate(partial)
        do {
            try await withConnection { db in
                _ = try db.execute(Statement(sql: "VACUUM INTO ?", parameters: [.text(partial)]))
            }
        } catch let error as StorageError where [.unavailable, .permission, .full, .io].contains(error.code) {
            throw StorageError(error.code, subject: path, "cannot write the copy \(path): \(error.message)")
        }
        try Self.sync(partial)
        // Never in place of a file that came meanwhile.
        guard plue_name_file(partial, path) == 0 else {
            throw errno == EEXIST ? Self.exists(path) : Self.failure("name the copy", path)
        }
        if let slash = path.lastIndex(of: "/") { try Self.sync(String(path[...slash])) }
    }

    /// Replaces the content of the database at `path` by that of a backup, whole or not at all. A file that is no sound
    /// database is refused before anything is changed, and so is a database that someone has open: `busy`, at once.
    public static func restore(from backup: String, to path: String) async throws {
        guard access(backup, R_OK) == 0 else { throw failure("read", backup) }
        let source = try SQLiteHandle(path: backup, options: SQLiteOptions())
        defer { source.close() }
        try checkIntegrity(source)
        let target = try SQLiteHandle(path: path, options: SQLiteOptions())
        defer { target.close() }
        try Self.exclude(others: target)
        guard let copy = sqlite3_backup_init(try target.raw, "main", try source.raw, "main") else {
            throw target.error(sqlite3_errcode(try target.raw))
        }
        let code = sqlite3_backup_step(copy, -1)
        let finished = sqlite3_backup_finish(copy)
        guard code == SQLITE_DONE else { throw target.error(code) }
        guard finished == SQLITE_OK else { throw target.error(finished) }
    }

    /// Nobody can leave the write-ahead log while another connection is open, and whoever left it in this mode keeps the
    /// file's lock until it is closed (https://www.sqlite.org/pragma.html#pragma_locking_mode).
    private static func exclude(others target: SQLiteHandle) throws(StorageError) {
        for sql in [
            "PRAGMA busy_timeout=0", "PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=DELETE", "BEGIN EXCLUSIVE",
            "COMMIT",
        ] {
            let code = sqlite3_exec(try target.raw, sql, nil, nil, nil)
            if code == SQLITE_OK { continue }
            let error = target.error(code)
            guard error.code == .busy else { throw error }
            throw StorageError(
                .busy, subject: target.path,
                "\(target.path) is in use by another process: let its runs end, or stop it, then restore again")
        }
    }

    private static func exists(_ path: String) -> StorageError {
        StorageError(.unavailable, subject: path, "\(path) is there already: give another path, or remove it")
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
