internal import Synchronization

/// The problem matchers of a job: a step registers them, they hold for the rest of the job.
final class ProblemMatchers: Sendable {
    private let configs = Mutex<[ProblemMatcherConfig]>([])

    var all: [ProblemMatcherConfig] { configs.withLock { $0 } }

    /// The newest is asked first, and replaces one of the same owner.
    func add(_ config: ProblemMatcherConfig) {
        configs.withLock { configs in
            configs.removeAll { $0.owner.lowercased() == config.owner.lowercased() }
            configs.insert(config, at: 0)
        }
    }

    func remove(owner: String) {
        configs.withLock { $0.removeAll { $0.owner.lowercased() == owner.lowercased() } }
    }
}
