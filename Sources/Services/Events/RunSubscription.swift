public import Model
internal import Storage

/// Follows one run: reads what has a higher sequence than the last that was given, so that nothing is missed or given
/// twice, whatever woke it.
public actor RunSubscription {
    private static let pageSize = 500
    /// How long it waits without a word before it looks again; the backstop for what no notification tells.
    private static let longestWait = 1_000

    private let run: RunID
    private let services: Services
    private let principal: Principal
    private let number: Int
    private let wakes: AsyncStream<Void>
    private let ticker: Task<Void, Never>
    private var last: Int64
    private var waiting: ArraySlice<RunTransition> = []
    private var isOver = false
    private var isChecked = false

    init(_ run: RunID, after sequence: Int64, services: Services, by principal: Principal) {
        self.run = run
        self.principal = principal
        self.services = services
        last = sequence
        let (number, stream, wake) = services.wakes.follow(run)
        self.number = number
        wakes = stream
        ticker = Task.detached {
            while (try? await Task.sleep(
                for: .milliseconds(Int.random(in: Self.longestWait / 2...Self.longestWait)))) != nil
            {
                wake.yield()
            }
            wake.finish()
        }
        services.wakes.listen(to: services.backend)
    }

    deinit {
        ticker.cancel()
        services.wakes.unfollow(run, number)
    }

    /// The next transition; nil after that with which the run ended. Throws ``ServiceError`` `not_found` when there is no
    /// such run, or no more, `forbidden` at the first call.
    public func next() async throws -> RunTransition? {
        while true {
            if let transition = waiting.popFirst() { return transition }
            if isOver { return nil }
            if !isChecked { try await services.access.check(.runRead, .run(run), by: principal) }
            isChecked = true
            try await look()
            if waiting.isEmpty, !isOver { try await wait() }
        }
    }

    private func look() async throws {
        let (run, last) = (run, last)
        let (found, ended) = try await services.backend.read { db in
            let status = try RunService.run(run, on: db).status
            let found = try HistoryService.transitions(of: run, after: last, limit: Self.pageSize, on: db)
            return (found, status.isTerminal && found.count < Self.pageSize)
        }
        waiting = found[...]
        isOver = ended
        if let newest = found.last { self.last = newest.sequence }
    }

    private func wait() async throws {
        for await _ in wakes { return }
        throw CancellationError()
    }
}

extension HistoryService {
    /// Follows the changes of state of a run after that sequence: first those that are stored, then each as it is
    /// committed, by whatever process.
    public func follower(of run: RunID, after sequence: Int64 = 0, by principal: Principal) -> RunSubscription {
        RunSubscription(run, after: sequence, services: services, by: principal)
    }
}
