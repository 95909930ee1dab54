internal import Synchronization
internal import WorkflowSyntax

/// A workflow version as the services use it.
struct LoadedVersion: Sendable {
    var workflow: Workflow
    /// Ids of its rows in `actions_jobs`, by job key.
    var definitions: [String: Int64]
}

/// What never changes once it is committed, kept in memory: workflow versions by id, label sets by digest, facts of runs by
/// attempt.
final class WorkflowCache: Sendable {
    private struct State {
        var versions: [Int64: LoadedVersion] = [:]
        var labelSets: [String: Int64] = [:]
        var facts: [Int64: RunFacts] = [:]
    }

    private static let capacity = 256
    private static let labelSetCapacity = 10_000
    private let state = Mutex(State())

    func version(_ id: Int64) -> LoadedVersion? {
        state.withLock { $0.versions[id] }
    }

    func labelSet(_ digest: String) -> Int64? {
        state.withLock { $0.labelSets[digest] }
    }

    func facts(_ attempt: Int64) -> RunFacts? {
        state.withLock { $0.facts[attempt] }
    }

    /// Takes over what a committed transaction stored or read.
    func adopt(_ fresh: FreshCache) {
        guard !fresh.isEmpty else { return }
        state.withLock { state in
            if state.versions.count + fresh.versions.count > Self.capacity { state.versions = [:] }
            if state.labelSets.count + fresh.labelSets.count > Self.labelSetCapacity { state.labelSets = [:] }
            if state.facts.count + fresh.facts.count > Self.capacity { state.facts = [:] }
            state.facts.merge(fresh.facts) { _, new in new }
            state.versions.merge(fresh.versions) { _, new in new }
            state.labelSets.merge(fresh.labelSets) { _, new in new }
        }
    }
}

/// What one transaction stored or read. Nothing of it is known to others before the commit: ids of a transaction that is
/// rolled back are given again.
struct FreshCache: Sendable {
    var versions: [Int64: LoadedVersion] = [:]
    var labelSets: [String: Int64] = [:]
    var facts: [Int64: RunFacts] = [:]

    var isEmpty: Bool { versions.isEmpty && labelSets.isEmpty && facts.isEmpty }
}
