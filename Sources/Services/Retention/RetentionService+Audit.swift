internal import Model
internal import QueryBuilder
internal import Storage

extension RetentionService {
    /// Removes the bodies of months of the audit log that are over, the oldest first, until there are no more or that many
    /// rows went; a month that is held, not sealed or used just now stays for a later call.
    func removeAuditBodies(
        before moment: Timestamp, limit: Int, by principal: Principal, _ result: inout PruneResult
    ) async throws {
        var month: Int64 = 0
        var left = limit
        while left > 0 {
            let last = month
            let next = try await services.backend.read { db in
                try AuditPruning.month(after: last, before: moment, on: db)
            }
            guard let next else { return }
            month = next
            while left > 0 {
                let pruning = AuditPruning(month: month, limit: min(batch.rows, left), principal: principal)
                let part = try await services.transaction { db, _ in
                    try Self.lock([.audit], on: db)
                    return try pruning.remove(on: db)
                }
                result.add(part.rows, oldest: part.rows > 0 ? part.oldest : nil)
                left -= part.rows
                if part.isLast { break }
            }
        }
    }

    /// The bodies that would go, of one snapshot.
    static func countAuditBodies(before moment: Timestamp, on db: isolated any StorageConnection) throws -> Int {
        var (month, count) = (Int64(0), 0)
        while let next = try AuditPruning.month(after: month, before: moment, on: db) {
            month = next
            if try AuditPruning.isFree(month, on: db) { count += try AuditPruning.count(month, on: db) }
        }
        return count
    }
}
