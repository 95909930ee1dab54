internal import Hashing
internal import Model
internal import Storage

/// What the Merkle tree binds of a row of the audit log: `d`, all of its columns as canonical JSON (RFC 8785).
///
/// The body stands in it as `body_sha256`, the SHA-256 of its bytes, so that the row can still be checked when retention has
/// removed the body. `request_id`, `source_address`, `token_id` and `user_agent` are members where they are known, only:
/// rows that are older than these columns keep their leaves. Moments are microseconds since the epoch.
enum AuditLeaf {
    private static let lateColumns: [(column: String, name: String)] = [
        ("request_id", #","request_id":"#), ("source_address", #","source_address":"#), ("token_id", #","token_id":"#),
        ("user_agent", #","user_agent":"#),
    ]

    /// Throws ``StorageError`` when a column cannot be read.
    static func data(_ row: Row, bodyHash: [UInt8]?) throws(StorageError) -> [UInt8] {
        let created: Timestamp = try row["created_at"]
        var json = CanonicalJSON()
        // In the order of RFC 8785.
        json.raw(#"{"action":"#)
        json.append(try row["action"] as String)
        json.raw(#","actor":"#)
        json.append(try row["actor"] as String)
        json.raw(#","actor_kind":"#)
        json.append(try row["actor_kind"] as String)
        json.raw(#","body_sha256":"#)
        if let bodyHash { json.append(SHA256.hex(bodyHash)) } else { json.raw("null") }
        json.raw(#","created_at":"#)
        json.append(created.microseconds)
        json.raw(#","id":"#)
        json.append(try row["id"] as Int64)
        json.raw(#","month":"#)
        json.append(try row["month"] as Int64)
        json.raw(#","object_id":"#)
        json.append(try row["object_id"] as String)
        json.raw(#","object_kind":"#)
        json.append(try row["object_kind"] as String)
        json.raw(#","operation":"#)
        json.append(try row["operation"] as String)
        json.raw(#","organization_id":"#)
        json.append(try row["organization_id"] as Int64?)
        json.raw(#","outcome":"#)
        json.append(try row["outcome"] as String)
        json.raw(#","repository_id":"#)
        json.append(try row["repository_id"] as Int64?)
        for (column, name) in lateColumns {
            guard let text = try row[column] as String? else { continue }
            json.raw(name)
            json.append(text)
        }
        json.raw("}")
        return json.bytes
    }

    /// The digest of the column's bytes, also where they are no text; nil where there is none. Throws ``StorageError``.
    static func hash(ofBody column: Value) throws(StorageError) -> [UInt8]? {
        var hash = SHA256()
        switch column {
        case .null: return nil
        case .text(var text): text.withUTF8 { hash.update(UnsafeRawBufferPointer($0)) }
        case .blob(let bytes): bytes.withUnsafeBytes { hash.update($0) }
        default: throw StorageError(.decoding, subject: "body", "column body: \(column.kind) is neither text nor bytes")
        }
        return hash.finalize()
    }
}
