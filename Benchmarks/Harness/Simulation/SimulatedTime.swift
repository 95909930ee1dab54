internal import Storage

/// How a simulation moves the time.
struct SimulatedTime: Sendable {
    let backend: any StorageBackend
    /// Nil: the server's own clock goes, and the times that are stored are moved against it.
    let clock: VirtualClock?

    /// Backwards for a negative duration.
    func move(by duration: Duration) async throws {
        if let clock { return clock.advance(by: duration) }
        let microseconds = Int64(duration / .microseconds(1))
        let statements = [
            "UPDATE actions_leases SET lease_until = lease_until - interval '\(microseconds) microseconds'",
            "UPDATE actions_gates SET wait_until = wait_until - interval '\(microseconds) microseconds'",
            "UPDATE actions_runner_heartbeats SET last_seen = last_seen - interval '\(microseconds) microseconds'",
            "UPDATE actions_delayed_jobs SET not_before = not_before - interval '\(microseconds) microseconds'",
        ].map { Statement(sql: $0) }
        try await backend.transaction { db in _ = try db.pipeline(statements) }
    }
}
