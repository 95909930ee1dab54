internal import Model
internal import Storage

/// What was read of a job, its run and the runners, at one moment: enough to say why it waits.
struct WaitFacts {
    var job: JobExecution
    /// The database's clock.
    var now: Timestamp
    /// Of its run.
    var runHold: RunHold?
    /// Of its run.
    var runGroup: String?
    /// Who has the group that the job, or its run, waits for.
    var holder: WaitReason.Holder?
    /// The open ones.
    var needs: [WaitReason.Need] = []
    /// Legs of its matrix that count against `max-parallel`.
    var legs: Int64 = 0
    /// The runner of its live claim.
    var runner: String?
    /// The end of that claim, unless it is renewed.
    var leaseUntil: Timestamp?
    var notBefore: Timestamp?
    /// Who may still let it into its environment.
    var reviewers: [String] = []
    /// The end of the environment's wait timer.
    var waitUntil: Timestamp?
    /// The name of the runner of a `plue run`.
    var boundRunner: String?
    var pause: QueuePause?
    /// What its `runs-on` asks for, lower-case: the entries of its label set.
    var labels: [String] = []
    /// Every registered runner.
    var matches: [RunnerMatch] = []
    /// Jobs that are handed out before it.
    var ahead = 0
}

extension WaitReason {
    /// Decides from the facts alone. Of several reasons the one that must end first: what holds the job before it may be
    /// queued, then what no runner can change (delay, pause), then the runners, then the jobs before it.
    init(_ facts: WaitFacts) {
        let job = facts.job
        if let conclusion = job.conclusion {
            self = .ended(conclusion)
        } else if job.status == .inProgress {
            if let until = facts.leaseUntil, until < facts.now {
                self = .lost(runner: facts.runner, since: until)
            } else if let since = job.cancelRequestedAt {
                self = .stopping(runner: facts.runner, since: since)
            } else {
                self = .running(runner: facts.runner, since: job.startedAt)
            }
        } else if job.status == .pending, let held = Self.held(facts) {
            self = held
        } else if let moment = facts.notBefore, moment > facts.now {
            self = .delayed(until: moment)
        } else if let runner = facts.boundRunner {
            self = .bound(runner: runner, ahead: facts.ahead)
        } else if let pause = facts.pause {
            self = .paused(pause)
        } else {
            self = Self.runners(facts)
        }
    }

    private static func held(_ facts: WaitFacts) -> WaitReason? {
        let job = facts.job
        // A run that waits holds all of its jobs, whatever else they wait for.
        switch facts.runHold {
        case .pending: return .runConcurrency(group: facts.runGroup ?? "", holder: facts.holder)
        case .requested, .waiting: return .approval
        case nil: break
        }
        switch job.hold {
        case .needs: return .needs(facts.needs)
        case .concurrency: return .concurrency(group: job.concurrencyKey ?? "", holder: facts.holder)
        case .maxParallel: return .maxParallel(running: facts.legs, limit: job.maxParallel ?? 0)
        case .gate:
            let until = facts.waitUntil.flatMap { $0 > facts.now ? $0 : nil }
            return .gate(environment: job.environment ?? "", reviewers: facts.reviewers, until: until)
        case .run: return .runConcurrency(group: facts.runGroup ?? "", holder: facts.holder)
        case nil: return nil
        }
    }

    private static func runners(_ facts: WaitFacts) -> WaitReason {
        let all = facts.matches.filter { $0.obstacle != .outOfScope && $0.obstacle != .bound }
        if all.isEmpty { return .noRunner }
        let inScope = all.filter { $0.excludingGroup == nil }
        if inScope.isEmpty { return .noAccess(groups: Set(all.compactMap(\.excludingGroup)).sorted()) }
        let matching = inScope.filter(\.hasLabels)
        let online = matching.filter { $0.runner.status != .offline }
        if online.isEmpty {
            // Those that would take it, if their groups let it in, are nearer than any other.
            let shut = all.filter { match in
                match.excludingGroup != nil && match.runner.status != .offline
                    && match.runner.entries.isSuperset(of: facts.labels)
            }
            if !shut.isEmpty { return .noAccess(groups: Set(shut.compactMap(\.excludingGroup)).sorted()) }
            if matching.isEmpty { return noMatch(inScope, labels: facts.labels) }
            return .offline(runners: matching.map(\.runner.name))
        }
        guard !online.contains(where: { $0.obstacle == nil }) else {
            return facts.ahead == 0 ? .next : .ahead(facts.ahead)
        }
        var counts = (busy: 0, paused: 0, draining: 0)
        for match in online {
            switch match.obstacle {
            case .paused: counts.paused += 1
            case .draining: counts.draining += 1
            default: counts.busy += 1
            }
        }
        return .occupied(busy: counts.busy, paused: counts.paused, draining: counts.draining, ahead: facts.ahead)
    }

    /// None of those runners has all labels.
    private static func noMatch(_ matches: [RunnerMatch], labels: [String]) -> WaitReason {
        let known = matches.reduce(into: Set<String>()) { $0.formUnion($1.runner.entries) }
        let near: [Nearest] = matches.map { match in
            let own = match.runner.entries
            return Nearest(
                runner: match.runner.id, name: match.runner.name,
                missing: labels.filter { !own.contains($0) }.map(GroupLabel.text))
        }
        let nearest = near.min { ($0.missing.count, $0.runner) < ($1.missing.count, $1.runner) }
        let missing = labels.filter { !known.contains($0) }
        if let group = missing.lazy.compactMap(GroupLabel.group).first { return .noGroup(group) }
        return .noMatch(missing: missing, nearest: nearest)
    }
}

extension RunnerMatch {
    /// It takes jobs of that repository with those labels, now or later.
    var hasLabels: Bool {
        switch obstacle {
        case .missingLabels, .outOfScope, .bound, .notInGroup: false
        case .groupExcludesPublic, .groupExcludesRepository, .groupExcludesWorkflow: false
        case .offline, .paused, .draining, .full, nil: true
        }
    }

    /// The group that does not take the job.
    fileprivate var excludingGroup: String? {
        switch obstacle {
        case .groupExcludesPublic(let name), .groupExcludesRepository(let name), .groupExcludesWorkflow(let name):
            name
        default: nil
        }
    }

    /// How every one of those runners, with its count of live claims, stands to the job: those that could take it first,
    /// the least loaded before the others.
    static func all(_ runners: [(runner: Runner, live: Int64)], for demand: JobDemand) -> [RunnerMatch] {
        runners.map { runner, live in
            var obstacle = demand.obstacle(runner, live: live)
            if obstacle == nil, runner.status != .online { obstacle = runner.status == .busy ? .full : .offline }
            return RunnerMatch(
                runner: runner, load: Double(live) / Double(runner.maxParallelJobs), obstacle: obstacle)
        }.sorted { a, b in
            if (a.obstacle == nil) != (b.obstacle == nil) { return a.obstacle == nil }
            return (a.load, a.runner.id) < (b.load, b.runner.id)
        }
    }
}
