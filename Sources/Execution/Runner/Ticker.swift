/// Does something again and again.
enum Ticker {
    /// Until the task is cancelled. The first time after the interval, or `now` too.
    static func every(
        _ interval: Duration, now: Bool = false, _ body: @escaping @Sendable () async -> Void
    ) -> Task<Void, Never> {
        Task.detached {
            if now { await body() }
            while true {
                // Servers that were started together do not all ask at once.
                let jitter = Double.random(in: 0.8...1.0)
                guard (try? await Task.sleep(for: interval * jitter)) != nil else { return }
                await body()
            }
        }
    }
}
