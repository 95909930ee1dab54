public import Storage

extension PostgresStorage: NotifyingBackend {
    public func notify(_ channel: String, _ payload: String) async throws {
        try notifier.notify(channel, payload) { [weak self] channels, payloads in
            guard let self else { return }
            // A hint that cannot be sent until the deadline is given up.
            _ = try? await transaction { db in
                _ = try db.execute(
                    Statement(
                        sql: "SELECT pg_notify(m.c, m.p) FROM unnest($1, $2) AS m (c, p)",
                        parameters: [.texts(channels), .texts(payloads)]))
            }
        }
    }

    /// Behind a pooler that keeps no sessions there is nothing to listen with: throws `unavailable`.
    public func listen(_ channel: String) async throws -> AsyncStream<StorageNotification> {
        guard !options.transactionPooler else {
            throw StorageError(.unavailable, "listening needs a connection that is not behind a transaction pooler")
        }
        guard !channel.isEmpty, channel.utf8.count < 64, !channel.utf8.contains(0) else {
            throw StorageError(.invalidValue, "a channel has 1 to 63 bytes")
        }
        return try await listener.listen(channel)
    }
}
