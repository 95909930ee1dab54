internal import Hashing
internal import Model
internal import QueryBuilder
internal import Storage

extension AuditService {
    /// A proof that the row is in the log, by the newest checkpoint. Reads all leaf hashes, some at a time.
    ///
    /// Throws ``ServiceError`` `not_found` when there is no such row or it is not sealed yet, `conflict` when it is not what
    /// was sealed.
    public func prove(_ id: Int64) async throws -> AuditProof {
        let keyring = services.keyring
        return try await services.backend.read { db in
            let subject = "audit row \(id)"
            let found = try db.first(
                Select("l.*", "v.leaf_index", "v.hash", "v.body_hash", "b.body").from("actions_audit_log AS l")
                    .leftJoin("actions_audit_leaves AS v", on: "v.audit_id = l.id")
                    .leftJoin("actions_audit_bodies AS b", on: "b.month = l.month AND b.audit_id = l.id")
                    .where("l.id = \(id)"))
            guard let found else { throw ServiceError(.notFound, subject, "there is no such row") }
            guard let index: Int64 = try found["leaf_index"], let checkpoint = try AuditCheckpoint.newest(on: db),
                let note = checkpoint.note, index < checkpoint.size
            else { throw ServiceError(.notFound, subject, "it is not sealed yet; `plue audit seal` seals it") }
            let keys = try AuditKeys.known(keyring, on: db).notes
            guard let key = keys.first(where: { note.isSigned(by: $0) }) else {
                throw checkpoint.fault(keys) ?? ServiceError(.conflict, subject, "there is no key to check it by")
            }
            let body: String?
            if case .text(let text) = try found.value("body") { body = text } else { body = nil }
            // What is no text cannot be shown, but the leaf binds its bytes.
            if let digest = try AuditLeaf.hash(ofBody: try found.value("body")), digest != (try found["body_hash"]) {
                throw ServiceError(
                    .conflict, subject, "its body is not what was sealed; `plue audit verify` tells more")
            }
            let leaf = try AuditLeaf.data(found, bodyHash: try found["body_hash"])
            let hashes = try MerkleProof.inclusion(of: index, in: checkpoint.size).map { range in
                try Self.root(of: range, on: db)
            }
            let proof = AuditProof(
                leafIndex: index, leaf: String(decoding: leaf, as: UTF8.self), body: body, hashes: hashes,
                checkpoint: note, key: key)
            // Nothing that does not prove anything is given out.
            _ = try proof.verify()
            return proof
        }
    }

    /// The root of the subtree of those leaves; of one where some are missing, some other hash.
    private static func root(of range: Range<Int64>, on db: isolated any StorageConnection) throws -> [UInt8] {
        var frontier = MerkleFrontier()
        var from = range.lowerBound
        while from < range.upperBound {
            let rows = try db.run(
                Select("leaf_index", "hash").from("actions_audit_leaves").where("leaf_index >= \(from)")
                    .and("leaf_index < \(range.upperBound)").orderBy("leaf_index").limit(10_000))
            for row in rows { frontier.append(try row["hash"]) }
            guard let last: Int64 = try rows.last?["leaf_index"] else { break }
            from = last + 1
        }
        return frontier.root
    }
}
