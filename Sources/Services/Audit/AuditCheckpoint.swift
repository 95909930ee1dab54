internal import Hashing
internal import QueryBuilder
internal import Storage

/// A row of `actions_audit_checkpoints`.
struct AuditCheckpoint: Sendable {
    let size: Int64
    let root: [UInt8]
    let createdAt: Timestamp
    /// Nil when it does not fit the size.
    let frontier: MerkleFrontier?
    /// Nil when it cannot be read.
    let note: SignedNote?

    init(_ row: Row) throws(StorageError) {
        size = try row["tree_size"]
        root = try row["root_hash"]
        createdAt = try row["created_at"]
        frontier = MerkleFrontier(size: size, bytes: try row["frontier"])
        note = try? SignedNote(try row["note"])
    }

    static func newest(on db: isolated any StorageConnection) throws -> AuditCheckpoint? {
        try db.first(Select("*").from("actions_audit_checkpoints").orderBy("tree_size DESC").limit(1)).map { row in
            try AuditCheckpoint(row)
        }
    }

    /// Why the row is not what a key of the installation signed; nil when it is.
    func fault(_ keys: [NoteKey]) -> ServiceError? {
        func fail(_ message: String) -> ServiceError {
            ServiceError(
                .conflict, "audit checkpoint \(size)", "\(message); `plue audit verify` tells what was changed")
        }
        guard let note else { return fail("its note cannot be read") }
        guard let tree = try? TreeCheckpoint(note.text) else { return fail("its note is no checkpoint") }
        guard let key = keys.first(where: { note.isSigned(by: $0) }) else {
            return fail("no key of this installation signed its note")
        }
        guard tree.origin == key.name else { return fail("it is of another log, \(tree.origin)") }
        guard tree.size == size, tree.root == root, frontier?.root == root else {
            return fail("its columns say something else than its note")
        }
        return nil
    }
}
