internal import Hashing
internal import Storage

/// A leaf beside the row that it binds.
struct CheckedLeaf: Sendable {
    enum Row: Sendable {
        /// The leaf of the row as it is now; nil when a column cannot be read.
        case found(hash: [UInt8]?, createdAt: Timestamp?)
        case gone
    }

    enum Body: Sendable {
        case sound, edited, gone, pruned
    }

    let index: Int64
    let auditID: Int64
    let hash: [UInt8]
    let row: Row
    let body: Body

    /// Of a leaf `v` with its row `l` and body `b`, and whether that month's bodies were pruned.
    init(_ found: Storage.Row, prunedMonths: Set<Int64>) throws(StorageError) {
        index = try found["leaf_index"]
        auditID = try found["audit_id"]
        hash = try found["hash"]
        let bodyHash: [UInt8]? = try found["body_hash"]
        guard let month: Int64 = try found["month"] else {
            row = .gone
            body = .sound
            return
        }
        let data = try? AuditLeaf.data(found, bodyHash: bodyHash)
        row = .found(hash: data.map { MerkleHash.leaf($0) }, createdAt: try? found["created_at"])
        let now = try AuditLeaf.hash(ofBody: try found.value("body"))
        if now == bodyHash {
            body = .sound
        } else if now == nil {
            body = prunedMonths.contains(month) ? .pruned : .gone
        } else {
            body = .edited
        }
    }
}
