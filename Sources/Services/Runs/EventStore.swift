internal import Hashing
internal import Model
internal import QueryBuilder
internal import Storage

/// Events that made runs.
enum EventStore {
    /// An event that was made here: its delivery has no id of its own.
    static func insert(
        _ event: String, payload: String, repository: RepositoryID, on db: isolated any StorageConnection
    ) throws -> Int64 {
        let digest = SHA256.hex(of: payload)
        let delivery = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        return try db.insert(
            Insert("actions_events").values([
                "repository_id": repository, "source": "local", "delivery_id": delivery, "event": event,
                "payload_sha256": digest, "payload": payload, "created_at": .now, "processed_at": .now,
            ]))
    }
}
