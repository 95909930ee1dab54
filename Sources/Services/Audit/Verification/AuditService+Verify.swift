internal import Hashing
internal import Model
internal import QueryBuilder
internal import Storage

extension AuditService {
    /// Leaves that are read at once.
    private static let chunk = 2_000

    /// Checks every sealed row against its leaf, the leaves against each signed root, and rows without a leaf; changes
    /// nothing. Rows that are written or sealed meanwhile are not taken for problems.
    ///
    /// Throws ``ServiceError`` `not_found` or `conflict` for the checkpoint to begin with, and `conflict` when no row of the
    /// keys opens; ``CryptographyError``, ``StorageError``.
    ///
    /// - Parameters:
    ///   - since: the size of a checkpoint, which is trusted once its signature is checked: only what follows is read.
    ///   - outside: checkpoints that were kept outside of the database, by ascending size, their signatures checked where
    ///     there is a key to check them with.
    ///   - key: the key of the checkpoints, where the root key is not at hand.
    public func verify(
        since: Int64? = nil, outside: (any IteratorProtocol<TreeCheckpoint>)? = nil, key: NoteKey? = nil
    ) async throws -> AuditReport {
        let keyring = services.keyring
        let (keys, strays, end) = try await services.backend.read { db in
            // Whoever gives a key may have another root key, or none.
            let known = try AuditKeys.known(key == nil ? keyring : nil, on: db)
            return (key.map { [$0] } ?? known.notes, known.strays, try AuditCheckpoint.newest(on: db))
        }
        var frontier = MerkleFrontier()
        if let since, since > 0 { frontier = try await trusted(since, keys) }
        let size = end?.size ?? 0
        var verifier = AuditVerifier(keys: keys, from: frontier, outside: outside)
        while verifier.next < size {
            let from = verifier.next
            let (checkpoints, leaves) = try await services.backend.read { db in
                try Self.chunk(from: from, below: size, on: db)
            }
            verifier.add(checkpoints)
            if leaves.isEmpty { break }
            for leaf in leaves { verifier.add(leaf) }
        }
        var report = verifier.finish(size: size)
        report.isKeyProven = key != nil || keyring != nil && !keys.isEmpty
        let found = report
        return try await services.backend.read { db in
            var report = found
            try Self.checkEnd(hasKey: !keys.isEmpty, &report, on: db)
            try Self.checkRest(of: end, &report, on: db)
            try Self.checkBodies(&report, on: db)
            try Self.checkPrunings(&report, on: db)
            for stray in strays {
                report.add(
                    .key,
                    "row \(stray.id) of actions_audit_keys holds no key of the installation: it was put in, or damaged "
                        + "(\(stray.fault)); nothing that it signed counts")
            }
            report.unprotected = try AuditProtection.gaps(on: db)
            return report
        }
    }

    /// The first line of the log's checkpoints; nil while the installation has no keys.
    public func origin() async throws -> String? {
        try await services.backend.read { db in try AuditKeys.origin(on: db) }
    }

    /// The tree of a checkpoint that a key signed.
    private func trusted(_ size: Int64, _ keys: [NoteKey]) async throws -> MerkleFrontier {
        let stored = try await services.backend.read { db in
            try db.first(Select("*").from("actions_audit_checkpoints").where("tree_size = \(size)"))
                .map { row in try AuditCheckpoint(row) }
        }
        guard let stored, let frontier = stored.frontier else {
            throw ServiceError(
                .notFound, "audit checkpoint \(size)", "there is none of that many leaves in the database")
        }
        if let fault = stored.fault(keys) { throw fault }
        return frontier
    }

    /// The next leaves with their rows, and the checkpoints up to them; without leaves, all checkpoints that are left.
    private static func chunk(
        from: Int64, below size: Int64, on db: isolated any StorageConnection
    ) throws -> ([AuditCheckpoint], [CheckedLeaf]) {
        try db.runAll(PlanByIndex.queries(for: db.dialect))
        let months: [Int64] = try db.run(Select("month").from("actions_audit_prunings")).map { row in
            try row["month"]
        }
        let pruned = Set(months)
        let leaves = try db.run(
            Select("l.*", "v.leaf_index", "v.audit_id", "v.hash", "v.body_hash", "b.body")
                .from("actions_audit_leaves AS v").leftJoin("actions_audit_log AS l", on: "l.id = v.audit_id")
                .leftJoin("actions_audit_bodies AS b", on: "b.month = l.month AND b.audit_id = l.id")
                .where("v.leaf_index >= \(from)").and("v.leaf_index < \(size)").orderBy("v.leaf_index").limit(chunk)
        ).map { row in try CheckedLeaf(row, prunedMonths: pruned) }
        let to = leaves.last.map { $0.index + 1 } ?? size
        let checkpoints = try db.run(
            Select("*").from("actions_audit_checkpoints").where("tree_size > \(from)").and("tree_size <= \(to)")
                .orderBy("tree_size")
        ).map { row in try AuditCheckpoint(row) }
        return (checkpoints, leaves)
    }

    /// What the checkpoints outside know beyond the newest one inside: read last, as the log may have grown meanwhile.
    private static func checkEnd(
        hasKey: Bool, _ report: inout AuditReport, on db: isolated any StorageConnection
    ) throws {
        let size = try AuditCheckpoint.newest(on: db)?.size ?? 0
        let known = report.outsideSize
        guard known > size else { return }
        let rest =
            if size == 0 {
                hasKey ? "none: all seals were erased" : "neither seals nor their key: they were erased"
            } else { "\(size): the end was cut off" }
        report.add(.truncated, leaves: size..<known, "the checkpoint file knows \(known) leaves, the database \(rest)")
    }

    /// Leaves that no checkpoint covers, and rows without a leaf.
    private static func checkRest(
        of end: AuditCheckpoint?, _ report: inout AuditReport, on db: isolated any StorageConnection
    ) throws {
        let loose = try db.run(
            Select("v.leaf_index", "v.audit_id").from("actions_audit_leaves AS v")
                .where("v.leaf_index >= (SELECT coalesce(max(tree_size), 0) FROM actions_audit_checkpoints)")
                .orderBy("v.leaf_index").limit(AuditReport.limit))
        for row in loose {
            let index: Int64 = try row["leaf_index"]
            report.add(
                .truncated, id: try row["audit_id"], leaves: index..<index + 1,
                "no checkpoint covers the leaf: the checkpoint was removed, or the leaf put in")
        }
        let waits: SQL = "NOT EXISTS (SELECT 1 FROM actions_audit_leaves AS v WHERE v.audit_id = l.id)"
        report.unsealed = try db.one(Select("count(*) AS n").from("actions_audit_log AS l").where(waits))["n"]
        guard let end, report.unsealed > 0 else { return }
        var late = Select("l.id", "l.created_at").from("actions_audit_log AS l").where(waits)
            .and("l.id < (SELECT max(audit_id) FROM actions_audit_leaves)").orderBy("l.id").limit(AuditReport.limit)
        // With one writer ids are committed in their order; others may commit late, but not by that much.
        if db.dialect.identity == .sequence {
            late = late.and("l.created_at < \(end.createdAt.advanced(by: .zero - lateness))")
        }
        for row in try db.run(late) {
            let time: Timestamp = try row["created_at"]
            report.add(
                .inserted, id: try row["id"],
                "the row says \(time.iso8601), but was not there when later ones were sealed")
            report.unsealed -= 1
        }
    }

    /// Bodies that no row has. By the index on `audit_id`, which has all that is asked for, beside the rows' own order.
    private static func checkBodies(_ report: inout AuditReport, on db: isolated any StorageConnection) throws {
        let rows = try db.run(
            Select("b.audit_id", "b.month").from("actions_audit_bodies AS b")
                .where(
                    "NOT EXISTS (SELECT 1 FROM actions_audit_log AS l WHERE l.id = b.audit_id AND l.month = b.month)"
                )
                .orderBy("b.audit_id").limit(AuditReport.limit))
        for row in rows {
            let month: Int64 = try row["month"]
            report.add(
                .inserted, id: try row["audit_id"],
                "a body of month \(month) that no row has: it was put in, or its row was removed")
        }
    }

    /// Bodies go with an event that tells of it.
    private static func checkPrunings(_ report: inout AuditReport, on db: isolated any StorageConnection) throws {
        let rows = try db.run(
            Select("p.month", "p.audit_id", "l.action", "l.object_id").from("actions_audit_prunings AS p")
                .leftJoin("actions_audit_log AS l", on: "l.id = p.audit_id").orderBy("p.month"))
        for row in rows {
            let (month, action, object): (Int64, String?, String?) = (
                try row["month"], try row["action"], try row["object_id"]
            )
            if action == AuditEntry.Action.retentionPrune.rawValue, object == String(month) { continue }
            report.add(
                .deleted, id: try row["audit_id"],
                "month \(month) is marked as pruned, but no event tells of it: its bodies were removed otherwise")
        }
    }
}
