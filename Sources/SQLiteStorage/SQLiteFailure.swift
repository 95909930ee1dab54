import CSQLite3
import Glibc
import Storage

/// A result code with what is known about it (https://www.sqlite.org/rescode.html), turned into a `StorageError`.
struct SQLiteFailure {
    /// Extended.
    let code: Int32
    let message: String
    /// `errno` of the last failed system call.
    let systemError: Int32
    let path: String
    let busyTimeout: Duration

    var error: StorageError {
        switch code & 0xff {
        case SQLITE_CONSTRAINT: return constraint
        case SQLITE_BUSY, SQLITE_LOCKED:
            return StorageError(
                .busy, subject: path,
                "\(path) is locked by another process (waited \(busyTimeout)): let it finish, or stop it")
        case SQLITE_NOMEM: return StorageError(.outOfMemory, "SQLite has no memory (\(path))")
        case SQLITE_INTERRUPT: return StorageError(.interrupted, "the statement was interrupted")
        case SQLITE_FULL: return full
        case SQLITE_IOERR: return inputOutput
        case SQLITE_READONLY: return readOnly
        case SQLITE_CORRUPT:
            return StorageError(
                .corrupt, subject: path,
                "\(path) is damaged (\(message)): keep a copy, then restore a backup or use `sqlite3 FILE .recover`")
        case SQLITE_NOTADB:
            return StorageError(
                .notADatabase, subject: path, "\(path) is not a SQLite database: give another path, or move it away")
        case SQLITE_CANTOPEN, SQLITE_PERM: return cannotOpen
        case SQLITE_TOOBIG:
            return StorageError(.invalidValue, "a text, blob or statement is too long for SQLite")
        case SQLITE_RANGE: return StorageError(.misuse, message)
        case SQLITE_AUTH:
            return StorageError(.misuse, "a script must not contain BEGIN, COMMIT, ROLLBACK or SAVEPOINT")
        case SQLITE_ERROR:
            if let table = message.suffix(after: "no such table: ") {
                return StorageError(.noSuchTable, subject: table, message)
            }
            return StorageError(.syntax, message)
        default: return StorageError(.other, "\(message) (SQLite \(code), \(path))")
        }
    }

    private var constraint: StorageError {
        let subject = message.suffix(after: "constraint failed: ")
        switch code {
        case SQLITE_CONSTRAINT | (8 << 8), SQLITE_CONSTRAINT | (6 << 8), SQLITE_CONSTRAINT | (10 << 8):
            // UNIQUE, PRIMARYKEY, ROWID; a unique index on expressions says "index 'name'".
            let index = subject?.suffix(after: "index '").map { String($0.dropLast()) }
            return StorageError(.unique, subject: index ?? subject, message)
        case SQLITE_CONSTRAINT | (3 << 8): return StorageError(.foreignKey, subject: subject, message)
        case SQLITE_CONSTRAINT | (1 << 8): return StorageError(.check, subject: subject, message)
        case SQLITE_CONSTRAINT | (5 << 8): return StorageError(.notNull, subject: subject, message)
        case SQLITE_CONSTRAINT | (7 << 8): return StorageError(.raised, message)
        default: return StorageError(.invalidValue, message)
        }
    }

    private var full: StorageError {
        StorageError(
            .full, subject: path, "no space left to write \(path): make room; the database recovers by itself")
    }

    private var inputOutput: StorageError {
        if systemError == ENOSPC || systemError == EDQUOT { return full }
        if code == SQLITE_IOERR | (12 << 8) { return StorageError(.outOfMemory, "SQLite has no memory (\(path))") }
        let reason = systemError == 0 ? message : "\(message): \(String(cString: strerror(systemError)))"
        return StorageError(
            .io, subject: path, "reading or writing \(path) failed (\(reason), SQLite \(code)): check its disk")
    }

    private var readOnly: StorageError {
        StorageError(
            .readOnly, subject: path,
            "\(path) cannot be written: a read transaction must not write, and the file and its folder must be writable"
        )
    }

    private var cannotOpen: StorageError {
        switch systemError {
        case EACCES, EPERM:
            return StorageError(
                .permission, subject: path, "no permission to open \(path): it and its folder must be writable")
        case EROFS: return readOnly
        case ENOSPC, EDQUOT: return full
        case ENOENT, ENOTDIR:
            return StorageError(.unavailable, subject: path, "\(path) cannot be made: its folder does not exist")
        default:
            return StorageError(.unavailable, subject: path, "\(path) cannot be opened: \(message)")
        }
    }
}

extension String {
    /// What follows the first occurrence of `marker`.
    fileprivate func suffix(after marker: String) -> String? {
        guard let range = firstRange(of: marker) else { return nil }
        return String(self[range.upperBound...])
    }
}
