internal import Model
public import Services
public import WorkflowSyntax

/// What a server does on timers for all of its database, beside any number of other servers: fires schedules, ends
/// wait timers and what waits or runs for too long, counts what has ended, prunes what retention lets go, seals the audit
/// log.
public struct ServerDuties: Sendable {
    /// Occurrences are a minute apart.
    private static let scheduleInterval = Duration.seconds(18)
    /// Wait timers count minutes.
    private static let gateInterval = Duration.seconds(15)
    private static let deadlineInterval = Duration.seconds(60)
    private static let statisticsInterval = Duration.seconds(60)
    /// A little every hour, so that no pruning is long.
    private static let pruneInterval = Duration.seconds(3_600)
    private static let pruneLimit = 10_000
    private static let sealInterval = Duration.seconds(1)

    private let zones: any ZoneSource
    private let heads: DefaultHead.Source
    private let checkpoints: String?

    /// - Parameters:
    ///   - zones: the time zone database.
    ///   - checkpoints: the folder for the audit log's checkpoints outside of the database; nil: none are written there.
    ///   - heads: the commits that schedules run.
    public init(zones: any ZoneSource, checkpoints: String? = nil, heads: @escaping DefaultHead.Source) {
        self.zones = zones
        self.checkpoints = checkpoints
        self.heads = heads
    }

    /// The timers, until they are cancelled; `warn` is told what goes wrong and is tried again.
    func start(_ services: Services, warn: @escaping @Sendable (String) -> Void) -> [Task<Void, Never>] {
        timers(services, warn) + (services.audit.canSeal ? [sealing(services, warn)] : [])
    }

    private func sealing(_ services: Services, _ warn: @escaping @Sendable (String) -> Void) -> Task<Void, Never> {
        let timer = SealTimer(folder: checkpoints)
        return Ticker.every(Self.sealInterval, now: true) {
            do {
                try await timer.tick(services)
            } catch {
                if !Task.isCancelled { warn("the audit log cannot be sealed, trying again in a minute: \(error)") }
            }
        }
    }

    private func timers(
        _ services: Services, _ warn: @escaping @Sendable (String) -> Void
    ) -> [Task<Void, Never>] {
        [
            Ticker.every(Self.scheduleInterval, now: true) { [zones, heads] in
                do {
                    for (id, error) in try await services.schedules.fire(zones: zones, heads: heads).failures {
                        warn("schedule \(id) cannot be fired, trying again: \(error)")
                    }
                } catch {
                    if !Task.isCancelled { warn("schedules cannot be read, trying again: \(error)") }
                }
            },
            Ticker.every(Self.gateInterval) {
                do {
                    try await services.environments.passDue(by: .system)
                } catch {
                    if !Task.isCancelled { warn("wait timers cannot be ended, trying again: \(error)") }
                }
            },
            Ticker.every(Self.deadlineInterval) {
                do {
                    try await services.runs.endOverdue(by: .system)
                } catch {
                    if !Task.isCancelled { warn("overdue runs cannot be ended, trying again: \(error)") }
                }
            },
            Ticker.every(Self.statisticsInterval) {
                do {
                    try await services.statistics.rollUp()
                } catch {
                    if !Task.isCancelled { warn("statistics cannot be counted, trying again: \(error)") }
                }
            },
            Ticker.every(Self.pruneInterval) {
                do {
                    _ = try await services.retention.prune(limit: Self.pruneLimit, by: .system)
                } catch {
                    if !Task.isCancelled { warn("nothing more can be pruned now, trying again: \(error)") }
                }
            },
        ]
    }
}
