/// Growing pauses with jitter, up to a deadline that runs from the first one.
struct Backoff: Sendable {
    private let limit: Duration
    private var deadline: ContinuousClock.Instant?
    private var next: Duration = .milliseconds(2)

    init(_ limit: Duration) {
        self.limit = limit
    }

    /// Sleeps; false if the deadline is over or the task cancelled.
    mutating func pause() async -> Bool {
        let now = ContinuousClock.now
        let end = deadline ?? now + limit
        deadline = end
        guard now < end else { return false }
        let jittered = next * Double.random(in: 0.5...1.5)
        next = min(next * 2, .milliseconds(500))
        do {
            try await Task.sleep(for: min(jittered, end - now))
            return true
        } catch {
            return false
        }
    }
}
