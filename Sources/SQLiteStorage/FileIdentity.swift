import Glibc
import Storage

/// Which file a path named when it was opened. SQLite goes on in a file that was removed or replaced, and nobody sees
/// what it stores there.
struct FileIdentity: Sendable {
    private let path: String
    private let device: dev_t
    private let node: ino_t

    /// Nil where the path names nothing.
    init?(path: String) {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        self.path = path
        device = info.st_dev
        node = info.st_ino
    }

    /// Throws `unavailable` when the path names another file, or none.
    func check() throws(StorageError) {
        var info = stat()
        if stat(path, &info) == 0 {
            if info.st_dev == device, info.st_ino == node { return }
            throw failure("was replaced by another file")
        }
        // A folder that cannot be looked into at the moment says nothing of the file.
        if errno == ENOENT || errno == ENOTDIR { throw failure("was removed") }
    }

    private func failure(_ what: String) -> StorageError {
        StorageError(
            .unavailable, subject: path,
            "the database \(path) \(what) while it was in use: nobody else sees what this process stores; put the right "
                + "file there and start again")
    }
}
