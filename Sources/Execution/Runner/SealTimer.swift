internal import Services

/// When a server seals the audit log: every second while there is something, and one statement every five when not.
actor SealTimer {
    private static let idle = Duration.seconds(5)
    private static let minutes = Duration.seconds(60)
    private static let hour = Duration.seconds(3_600)

    private let folder: String?
    /// The last call sealed something: more may have come.
    private var isBusy = false
    private var nextLook: ContinuousClock.Instant
    private var nextMinutes: ContinuousClock.Instant
    private var nextComplete: ContinuousClock.Instant

    /// `folder` is that of checkpoints outside of the database; nil: none are written there.
    init(folder: String?) {
        self.folder = folder
        let now = ContinuousClock.now
        (nextLook, nextMinutes, nextComplete) = (now, now, now)
    }

    /// To be called every second. After an error it rests for a minute.
    func tick(_ services: Services) async throws {
        guard let depth = try await depth(services) else { return }
        do {
            let sealed = try await services.audit.seal(depth)
            isBusy = sealed.rows > 0
            if let folder, let note = sealed.checkpoint, let tree = try? TreeCheckpoint(note.text) {
                try CheckpointFile(folder: folder, origin: tree.origin).append(note)
            }
        } catch {
            isBusy = false
            let rest = ContinuousClock.now + Self.minutes
            (nextLook, nextMinutes, nextComplete) = (rest, rest, max(nextComplete, rest))
            throw error
        }
    }

    /// Nil: nothing is to be done now.
    private func depth(_ services: Services) async throws -> SealDepth? {
        let now = ContinuousClock.now
        if now >= nextComplete {
            (nextComplete, nextMinutes) = (now + Self.hour, now + Self.minutes)
            return .complete
        }
        if now >= nextMinutes {
            nextMinutes = now + Self.minutes
            return .recentMinutes
        }
        if isBusy { return .recent }
        guard now >= nextLook else { return nil }
        nextLook = now + Self.idle
        return try await services.audit.hasUnsealed() ? .recent : nil
    }
}
