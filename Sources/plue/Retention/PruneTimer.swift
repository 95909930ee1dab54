internal import Model
internal import Services

/// What a server prunes beside its work: a little every hour, so that no pruning is long.
enum PruneTimer {
    private static let interval = Duration.seconds(3_600)
    /// Rows of a class.
    private static let limit = 10_000

    /// Until it is cancelled; `warn` is told what goes wrong and is tried again.
    static func start(_ services: Services, warn: @escaping @Sendable (String) -> Void) -> Task<Void, Never> {
        Task.detached {
            // Servers that were started together do not all ask at once.
            while (try? await Task.sleep(for: interval * Double.random(in: 0.8...1.0))) != nil {
                do {
                    _ = try await services.retention.prune(limit: limit, by: .system)
                } catch {
                    if !Task.isCancelled { warn("nothing more can be pruned now, trying again: \(error)") }
                }
            }
        }
    }
}
