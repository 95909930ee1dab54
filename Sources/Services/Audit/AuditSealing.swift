internal import Cryptography
internal import Hashing
internal import Model
internal import QueryBuilder
internal import Storage

/// One batch of the sealer, in a transaction of its own: O(batch + log n), whatever the log's size.
struct AuditSealing: Sendable {
    let keyring: SecretKeyring
    let depth: SealDepth

    /// Rows that were sealed and the newest checkpoint; nil when another process seals.
    func seal(on db: isolated any StorageConnection) throws -> (rows: Int, checkpoint: SignedNote?)? {
        if let lock = db.dialect.sealLock {
            let isMine: Bool = try db.execute(Statement(sql: lock)).first?["locked"] ?? false
            guard isMine else { return nil }
        }
        if try AuditKeys(keyring, on: db) == nil { try AuditKeys.make(keyring, on: db) }
        guard let keys = try AuditKeys(keyring, on: db) else { return nil }
        let last = try AuditCheckpoint.newest(on: db)
        var frontier = MerkleFrontier()
        if let last {
            // What is signed next vouches for all that is before it: only what was signed is gone on from.
            if let fault = last.fault(keys.notes) { throw fault }
            frontier = last.frontier ?? frontier
        }
        // A plan that was made while the log was small would read all of it.
        try db.runAll(PlanByIndex.queries(for: db.dialect))
        let rows = try db.run(waiting(try mark(on: db)))
        if rows.isEmpty { return (0, last?.note) }
        var leaves: [[any Bindable]] = []
        for row in rows {
            let bodyHash = try AuditLeaf.hash(ofBody: try row.value("body"))
            let hash = MerkleHash.leaf(try AuditLeaf.data(row, bodyHash: bodyHash))
            leaves.append([frontier.size, try row["id"] as Int64, hash, bodyHash])
            frontier.append(hash)
        }
        let newest = keys.newest
        let tree = TreeCheckpoint(origin: newest.note.name, size: frontier.size, root: frontier.root)
        let note = try SignedNote(signing: tree.text, as: newest.note, with: newest.privateKey)
        try db.runAll(
            [
                Insert("actions_audit_leaves").rows(["leaf_index", "audit_id", "hash", "body_hash"], leaves),
                Insert("actions_audit_checkpoints").values([
                    "tree_size": frontier.size, "root_hash": tree.root, "frontier": frontier.bytes,
                    "note": note.description, "created_at": .now,
                ]),
            ], finishing: true)
        return (rows.count, note)
    }

    /// All rows up to it are sealed, as far as the depth cares.
    private func mark(on db: isolated any StorageConnection) throws -> Int64 {
        guard let age = depth.age else { return .min }
        let before = try RunScheduler.time(on: db).advanced(by: .zero - age)
        // Within a batch ids ascend: its last leaf is its highest.
        let row = try db.first(
            Select("v.audit_id").from("actions_audit_checkpoints AS c")
                .join("actions_audit_leaves AS v", on: "v.leaf_index = c.tree_size - 1")
                .where("c.created_at < \(before)").orderBy("c.tree_size DESC").limit(1))
        return try row?["audit_id"] ?? .min
    }

    private func waiting(_ mark: Int64) -> Select {
        Select("l.*", "b.body").from("actions_audit_log AS l")
            .leftJoin("actions_audit_bodies AS b", on: "b.month = l.month AND b.audit_id = l.id")
            .where("l.id > \(mark)")
            .and("NOT EXISTS (SELECT 1 FROM actions_audit_leaves AS v WHERE v.audit_id = l.id)")
            .orderBy("l.id").limit(AuditService.sealBatch)
    }
}
