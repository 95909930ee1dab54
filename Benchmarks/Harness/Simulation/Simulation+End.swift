internal import Model
internal import Storage

extension Simulation {
    /// Without faults, with all runners alive, everything ends: nothing is stuck, nothing lost.
    mutating func end() async throws {
        for index in runners.indices {
            runners[index].silentUntil = nil
            if runners[index].isDraining {
                try await perform([PlannedAction(action: .setDraining(runner: index, false), server: 0)])
            }
            if runners[index].isPaused {
                try await perform([PlannedAction(action: .setPaused(runner: index, false), server: 0)])
            }
        }
        var (idle, isFirst) = (0, true)
        while snapshot.runs.values.contains(where: { !$0.isTerminal }) {
            step += 1
            let count = counts.claims + ledger.accepted.count
            try await review()
            for index in runners.indices { try await work(index, speaksFirst: isFirst || idle > 0) }
            isFirst = false
            idle = counts.claims + ledger.accepted.count == count ? idle + 1 : 0
            // Claims that no runner knows of are still to end.
            if idle > 0 { try await takeBack() }
            guard idle < 8, step < options.steps + 2_000 else {
                let open = snapshot.runs.values.filter { !$0.isTerminal }.map(\.id).sorted()
                throw failure("runs \(open) do not end although every runner works")
            }
        }
        guard snapshot.queued == 0, snapshot.delayed.isEmpty, snapshot.leases.isEmpty, snapshot.slots == 0 else {
            throw failure(
                "all runs ended, but \(snapshot.queued) jobs are queued, \(snapshot.delayed.count) delayed, "
                    + "\(snapshot.leases.count) claimed, "
                    + "\(snapshot.slots) slots held")
        }
        if let job = snapshot.jobs.values.first(where: { $0.state.conclusion == nil }) {
            throw failure("all runs ended, but job \(job.id) did not")
        }
    }

    /// Lets in what waits for somebody, or for time.
    private mutating func review() async throws {
        for run in snapshot.runs.values.filter({ !$0.isTerminal && ($0.isHeld || $0.hasGate) }).map(\.id).sorted() {
            try await perform([PlannedAction(action: .review(run, .approved), server: 0)])
        }
        try await perform([PlannedAction(action: .duties, server: 0)])
    }

    private mutating func work(_ index: Int, speaksFirst: Bool) async throws {
        if speaksFirst {
            let renewal = SimulationAction.renew(runner: index, runners[index].claims.map(\.token))
            try await perform([PlannedAction(action: renewal, server: 0)])
        }
        for claim in runners[index].claims {
            try await perform([PlannedAction(action: .complete(claim, .success), server: 1)])
        }
        try await perform([PlannedAction(action: .claim(runner: index, limit: 100), server: 2)])
    }

    /// Moves the time past every lease, wait timer and delay: the clock may have been set back since they began.
    private mutating func takeBack() async throws {
        let timers = snapshot.gates.values.filter { !$0.isPassed }.compactMap(\.until)
        let leases = snapshot.leases.values.compactMap(\.until)
        let latest = (leases + timers + snapshot.delayed.values).max()
        var wait = Duration.seconds(61)
        if let latest, let now = time.clock?.now { wait = max(wait, latest.duration(since: now) + .seconds(1)) }
        try await time.move(by: time.clock == nil ? .seconds(8 * 3_600) : wait)
        record("the time passes until every lease and delay has ended")
        try await perform([PlannedAction(action: .reap, server: 0)])
    }
}
