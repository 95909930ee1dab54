internal import Synchronization

/// `plue bench simulate`: many seeds.
package struct SimulationBenchmark: Sendable {
    private let database: SimulationDatabase
    private let seeds: Range<UInt64>
    private let options: Simulation.Options
    private let workers: Int

    /// - Parameters:
    ///   - seeds: each is played in a database of its own.
    ///   - workers: seeds at the same time.
    package init(
        _ database: SimulationDatabase, seeds: Range<UInt64>, workers: Int, _ options: Simulation.Options
    ) {
        self.database = database
        self.seeds = seeds
        self.options = options
        self.workers = workers
    }

    /// What all seeds did. Throws ``SimulationFailure`` for the first that breaks a rule, or what keeps the database from
    /// being opened.
    ///
    /// - Parameter tell: told what was done so far, after each seed.
    package func run(
        _ tell: @escaping @Sendable (SimulationCounts) -> Void = { _ in }
    ) async throws -> SimulationCounts {
        let progress = Progress(next: seeds.lowerBound)
        let (database, seeds, options) = (database, seeds, options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<workers {
                group.addTask {
                    while let seed = progress.take(below: seeds.upperBound), !Task.isCancelled {
                        tell(progress.add(try await Simulation.play(seed, on: database, options)))
                    }
                }
            }
            try await group.waitForAll()
        }
        return progress.add(SimulationCounts())
    }

    /// The next seed, and what was done.
    private final class Progress: Sendable {
        private let state: Mutex<(next: UInt64, total: SimulationCounts)>

        init(next: UInt64) {
            state = Mutex((next, SimulationCounts()))
        }

        func take(below limit: UInt64) -> UInt64? {
            state.withLock { state in
                guard state.next < limit else { return nil }
                defer { state.next += 1 }
                return state.next
            }
        }

        /// Returns all counts.
        func add(_ counts: SimulationCounts) -> SimulationCounts {
            state.withLock { state in
                state.total.add(counts)
                return state.total
            }
        }
    }
}
