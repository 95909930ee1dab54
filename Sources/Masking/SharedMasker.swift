internal import Synchronization

/// The secrets of one job, which grow while it runs.
public final class SharedMasker: Sendable {
    private struct State {
        var masker = Masker()
        /// Those that came since it was used last.
        var fresh: [String] = []
    }

    private let state = Mutex(State())

    public init() {}

    public func add(_ secret: String) {
        state.withLock { $0.fresh.append(secret) }
    }

    /// With all secrets that were added so far.
    public var current: Masker {
        state.withLock { state in
            if !state.fresh.isEmpty {
                state.masker.add(state.fresh)
                state.fresh = []
            }
            return state.masker
        }
    }

    public func mask(_ text: String) -> String { current.mask(text) }

    /// Whether a value holds a secret: such a job output is not handed on.
    public func hasSecret(_ text: String) -> Bool { current.hasSecret(text) }
}
