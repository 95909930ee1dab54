internal import Hashing
internal import Model
internal import QueryBuilder
internal import Storage

/// Events that made runs.
enum EventStore {
    /// Its id, or nil when the delivery is stored already. Who delivers it at the same time waits for this transaction.
    static func insert(_ delivery: EventDelivery, on db: isolated any StorageConnection) throws -> Int64? {
        try db.first(
            Insert("actions_events").values([
                "repository_id": delivery.repository, "source": delivery.source, "delivery_id": delivery.id,
                "event": delivery.event, "payload_sha256": SHA256.hex(of: delivery.payload),
                "payload": delivery.payload, "created_at": .now, "processed_at": .now,
            ]).onConflict("source, delivery_id", .doNothing).returning("id")
        ).map { row in try row["id"] }
    }

    /// An event that was made here: its delivery has no id of its own.
    static func insert(
        id: Int64, _ event: String, payload: String, repository: RepositoryID, at time: Timestamp
    ) -> Insert {
        let delivery = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        return Insert("actions_events").values([
            "id": id, "repository_id": repository, "source": "local", "delivery_id": delivery, "event": event,
            "payload_sha256": SHA256.hex(of: payload), "payload": payload, "created_at": time, "processed_at": time,
        ])
    }
}
