internal import Model

extension Simulation {
    /// What happens in the next step: one action, or several at the same time where they can race.
    mutating func plan() -> [PlannedAction] {
        guard database.width > 1 else { return [planOne()] }
        let count = 2 + generator.below(database.width - 1)
        // Actions of one kind meet at the same rows.
        switch generator.below(8) {
        case 0: return (0..<count).map { _ in planned(makeRun()) }
        case 1, 2: return (0..<count).map { _ in completeOne() ?? planned(claimOne()) }
        case 3: return (0..<count).map { _ in planned(claimOne()) }
        default: return (0..<count).map { _ in planOne() }
        }
    }

    private mutating func planOne() -> PlannedAction {
        switch generator.below(100) {
        case 0..<9: return planned(makeRun())
        case 9..<28: return planned(claimOne(), canLoseAnswer: true)
        case 28..<56: return completeOne() ?? planned(claimOne())
        case 56..<66: return reportOne() ?? planned(claimOne())
        case 66..<74: return planned(renewOne())
        case 74..<77: return planned(review())
        case 77: return planned(.duties)
        case 78..<82: return planned(.reap)
        case 82..<84: return planned(cancelRun())
        case 84..<86: return planned(cancelJob())
        case 86: return planned(prioritize())
        case 87..<89: return planned(rerun())
        case 89..<92: return planned(change())
        case 92..<94: return planned(take())
        case 94..<97: return lateOne() ?? planned(.reap)
        default: return repeated() ?? planned(makeRun())
        }
    }

    private mutating func planned(_ action: SimulationAction, canLoseAnswer: Bool = false) -> PlannedAction {
        var planned = PlannedAction(action: action, server: generator.below(world.servers.count))
        if options.hasFaults, canLoseAnswer, generator.once(in: 12) { planned.isAnswerLost = true }
        return planned
    }

    private mutating func makeRun() -> SimulationAction {
        let open = snapshot.runs.values.count { !$0.isTerminal }
        guard open < 6, snapshot.runs.count < 24 else { return claimOne() }
        workflowCount += 1
        let workflow = SimulatedWorkflow(workflowCount, using: &generator)
        let path = ".github/workflows/w\(generator.below(3)).yml"
        if generator.once(in: 2) { return .create(path: path, workflow, priority: priority()) }
        let delivery = SimulationAction.deliver(
            id: "d\(workflowCount)", path: path, workflow, fromFork: generator.once(in: 4))
        deliveries.append(delivery)
        return delivery
    }

    /// A runner that speaks.
    private mutating func speaker() -> Int {
        let speaking = runners.indices.filter { !runners[$0].isSilent }
        return generator.pick(speaking) ?? 0
    }

    private mutating func claimOne() -> SimulationAction {
        .claim(runner: speaker(), limit: 1 + generator.below(3))
    }

    private mutating func claim(where isGood: (SimulatedClaim) -> Bool = { _ in true }) -> SimulatedClaim? {
        let claims = runners.filter { !$0.isSilent }.flatMap(\.claims).filter(isGood)
        return generator.pick(claims)
    }

    private mutating func completeOne() -> PlannedAction? {
        guard let claim = claim() else { return nil }
        let conclusion = conclusion(of: claim)
        let holder = runners.firstIndex { $0.claims.contains { $0.token == claim.token } }
        guard let holder, generator.once(in: 2) else {
            return planned(.complete(claim, conclusion), canLoseAnswer: true)
        }
        return planned(.turn(runner: holder, claim, conclusion), canLoseAnswer: true)
    }

    private mutating func conclusion(of claim: SimulatedClaim) -> JobConclusion {
        if claim.isAskedToStop, !generator.once(in: 4) { return .cancelled }
        if generator.once(in: 5) { return .failure }
        return generator.once(in: 20) ? .cancelled : .success
    }

    private mutating func reportOne() -> PlannedAction? {
        guard let claim = claim() else { return nil }
        return planned(.report(claim), canLoseAnswer: true)
    }

    private mutating func renewOne() -> SimulationAction {
        let runner = speaker()
        return .renew(runner: runner, runners[runner].claims.map(\.token))
    }

    private mutating func cancelRun() -> SimulationAction {
        let open = snapshot.runs.values.filter { !$0.isTerminal }.map(\.id).sorted()
        guard let run = generator.pick(open) else { return makeRun() }
        return .cancelRun(run)
    }

    private mutating func cancelJob() -> SimulationAction {
        let open = snapshot.jobs.values.filter { $0.state.conclusion == nil && !$0.isCall }.map(\.id).sorted()
        guard let job = generator.pick(open) else { return makeRun() }
        return .cancelJob(job)
    }

    private mutating func priority() -> Int64 {
        generator.once(in: 3) ? Int64(generator.below(5)) - 2 : 0
    }

    private mutating func prioritize() -> SimulationAction {
        let open = snapshot.runs.values.filter { !$0.isTerminal }.map(\.id).sorted()
        guard let run = generator.pick(open) else { return makeRun() }
        return .prioritize(run, priority())
    }

    private mutating func review() -> SimulationAction {
        let waiting = snapshot.runs.values.filter { !$0.isTerminal && ($0.isHeld || $0.hasGate) }.map(\.id).sorted()
        guard let run = generator.pick(waiting) else { return .duties }
        return .review(run, generator.once(in: 4) ? .rejected : .approved)
    }

    private mutating func rerun() -> SimulationAction {
        let known = snapshot.runs.values.filter { $0.latestAttempt < 4 }.map(\.id).sorted()
        guard let run = generator.pick(known) else { return makeRun() }
        switch generator.below(3) {
        case 0: return .rerun(run, job: "j\(generator.below(3))", failedOnly: false)
        case 1: return .rerun(run, job: nil, failedOnly: true)
        default: return .rerun(run, job: nil, failedOnly: false)
        }
    }

    /// Drains or pauses a runner, or takes that back.
    private mutating func change() -> SimulationAction {
        let stopped = runners.indices.filter { runners[$0].isDraining || runners[$0].isPaused }
        // Mostly back, so that most of them work.
        let runner = generator.once(in: 3) ? speaker() : generator.pick(stopped) ?? speaker()
        if runners[runner].isDraining { return .setDraining(runner: runner, false) }
        if runners[runner].isPaused { return .setPaused(runner: runner, false) }
        return generator.once(in: 2) ? .setDraining(runner: runner, true) : .setPaused(runner: runner, true)
    }

    private mutating func take() -> SimulationAction {
        let queued = snapshot.jobs.values.filter { $0.state.status == .queued }.map(\.id).sorted()
        guard let job = generator.pick(queued) else { return claimOne() }
        return .take(runner: speaker(), job)
    }

    /// A message of a claim whose runner is gone.
    private mutating func lateOne() -> PlannedAction? {
        guard options.hasFaults, let claim = generator.pick(late) else { return nil }
        var late = planned(generator.once(in: 4) ? .report(claim) : lateEnd(of: claim))
        late.fault = .lateResult
        return late
    }

    private mutating func lateEnd(of claim: SimulatedClaim) -> SimulationAction {
        generator.once(in: 2) ? .complete(claim, .success) : .turn(runner: speaker(), claim, .success)
    }

    /// Something that was delivered already.
    private mutating func repeated() -> PlannedAction? {
        guard options.hasFaults, let delivery = generator.pick(deliveries) else { return nil }
        var again = planned(delivery)
        again.fault = .duplicateDelivery
        return again
    }
}
