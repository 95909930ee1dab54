internal import Model
internal import Storage

extension WaitReason {
    /// For people: `waits for build (in_progress)`.
    public var explanation: String {
        switch self {
        case .ended(let conclusion): return "has ended: \(conclusion.rawValue)"
        case .running(let runner, let since):
            let place = runner.map { " by \($0)" } ?? ""
            return "runs\(place)\(since.map { " since \($0.iso8601.prefix(19))Z" } ?? "")"
        case .lost(let runner, let since):
            return
                "\(runner ?? "its runner") has it and does not speak: its lease ended \(since.iso8601.prefix(19))Z; the next server that looks takes it back (`plue runner start`)"
        case .stopping(let runner, let since):
            return "is being cancelled since \(since.iso8601.prefix(19))Z: waits for \(runner ?? "its runner")"
        case .needs(let needs):
            return "needs " + Self.list(needs.map { "\($0.name) (\($0.hold?.rawValue ?? $0.status.rawValue))" })
        case .approval: return "the run waits for an approval"
        case .runConcurrency(let group, let holder):
            return "the run waits for concurrency group '\(group)'\(Self.text(holder))"
        case .concurrency(let group, let holder):
            return "waits for concurrency group '\(group)'\(Self.text(holder))"
        case .maxParallel(let running, let limit):
            return "max-parallel: \(running) of at most \(limit) legs are on their way"
        case .gate(let environment, let reviewers, let until):
            let who = reviewers.isEmpty ? [] : ["a review by \(reviewers.joined(separator: " or "))"]
            let when = until.map { ["its wait timer, \($0.iso8601.prefix(19))Z"] } ?? []
            let all = (who + when).joined(separator: " and ")
            return "environment '\(environment)' waits for \(all.isEmpty ? "nothing any more" : all)"
        case .delayed(let until): return "is not to start before \(until.iso8601.prefix(19))Z"
        case .bound(let runner, let ahead):
            let others = ahead == 0 ? "" : ", \(Self.jobs(ahead)) ahead"
            return "only its own `plue run` (runner \(runner)) takes it\(others)"
        case .paused(let pause):
            let what = pause.repositoryID == nil ? "the queue" : "the repository's queue"
            return "\(what) is paused by \(pause.actor): \(pause.reason)"
        case .noRunner: return "no runner is registered for its repository"
        case .noAccess(let groups):
            let which =
                groups.count == 1 ? "group \(Self.list(groups)), which does" : "groups \(Self.list(groups)), which do"
            return "its runners are in the \(which) not take this repository or workflow"
        case .noGroup(let group):
            return "no runner of group \(group) is registered for its repository (`plue runner group list`)"
        case .noMatch(let missing, let nearest): return Self.text(missing, nearest)
        case .offline(let runners): return "no runner with its labels is online: \(Self.list(runners)) offline"
        case .occupied(let busy, let paused, let draining, let ahead):
            let states = [(busy, "busy"), (paused, "paused"), (draining, "draining")].filter { $0.0 > 0 }
            let others = ahead == 0 ? "" : "; \(Self.jobs(ahead)) ahead"
            return
                "no runner with its labels is free: \(states.map { "\($0.0) \($0.1)" }.joined(separator: ", "))\(others)"
        case .ahead(let count): return "\(Self.jobs(count)) ahead of it"
        case .next: return "is next: a runner may take it now"
        }
    }

    private static func text(_ missing: [String], _ nearest: Nearest?) -> String {
        let near = nearest.map { "; nearest is \($0.name), which lacks \($0.missing.joined(separator: ", "))" } ?? ""
        guard !missing.isEmpty else { return "no runner has all of its labels\(near)" }
        return "no runner has the label\(missing.count == 1 ? "" : "s") \(missing.joined(separator: ", "))\(near)"
    }

    private static func text(_ holder: Holder?) -> String {
        guard let holder else { return "" }
        return " held by run \(holder.run)\(holder.job.map { ", job \($0)" } ?? "")"
    }

    private static func jobs(_ count: Int) -> String { count == 1 ? "1 job" : "\(count) jobs" }

    /// The first ones, and how many more.
    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(5).joined(separator: ", ")
        return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }
}
