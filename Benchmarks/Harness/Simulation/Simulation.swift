internal import Model
internal import Services
package import Storage

/// One seed: virtual runners on a real database do what chance decides, in spite of faults, and after each step nothing
/// may be wrong.
///
/// On SQLite a step is one action and the clock is virtual: a seed repeats itself exactly. On PostgreSQL up to six
/// actions of a step race on connections of their own: the seed decides who asks for what, the server who is first.
package struct Simulation {
    /// How a seed is played.
    package struct Options: Sendable {
        package var steps = 200
        package var hasFaults = true
        /// Told each action with its outcome.
        package var trace: (@Sendable (String) -> Void)?
        /// For tests of the rules: changes the database after the actions of that step, before it is checked.
        package var tamper: (@Sendable (Int, any StorageBackend) async throws -> Void)?

        package init() {}
    }

    let database: SimulationDatabase
    let seed: UInt64
    let options: Options
    let backend: any StorageBackend
    let world: SimulationWorld
    let time: SimulatedTime
    let slow: SlowStatements?

    var generator: SimulationGenerator
    var step = 0
    var runners: [VirtualRunner] = []
    /// Claims whose runner is gone, or never knew of them: messages of them may still be under way.
    var late: [SimulatedClaim] = []
    var deliveries: [SimulationAction] = []
    var workflowCount = 0
    var snapshot = SimulationSnapshot()
    var ledger = SimulationLedger()
    var counts = SimulationCounts()
    private var history: [String] = []

    /// Plays one seed in an empty database of its own. Throws ``SimulationFailure``, or what keeps the database from being
    /// opened.
    package static func play(
        _ seed: UInt64, on database: SimulationDatabase, _ options: Options
    ) async throws -> SimulationCounts {
        try await database.with(seed: seed) { backend, clock in
            let slow = database.width > 1 && options.hasFaults ? SlowStatements(seed: seed) : nil
            let acted: any StorageBackend = slow.map { ObservedBackend(backend, $0) } ?? backend
            // As several servers would be: each has a memory of its own.
            let world = try await SimulationWorld((0..<3).map { _ in Services(backend: acted) })
            var simulation = Simulation(
                database: database, seed: seed, options: options, backend: backend, world: world,
                time: SimulatedTime(backend: backend, clock: clock), slow: slow,
                generator: SimulationGenerator(seed: seed))
            try await simulation.run()
            return simulation.counts
        }
    }

    private mutating func run() async throws {
        for number in VirtualRunner.fleet.indices { runners.append(try await world.register(number)) }
        while step < options.steps {
            step += 1
            try await disturb()
            try await perform(plan())
        }
        try await end()
        counts.seeds = 1
        counts.jobs = ledger.accepted.count
        counts.runs = snapshot.runs.count
    }

    /// Does the actions at the same time, notes what came of them, and checks everything.
    mutating func perform(_ planned: [PlannedAction]) async throws {
        counts.steps += 1
        counts.actions += planned.count
        let outcomes = await outcomes(of: planned)
        if let slow {
            let delays = slow.take()
            if delays > 0 { counts.faults[.slowCommit, default: 0] += delays }
        }
        for (planned, outcome) in zip(planned, outcomes) {
            let lost = planned.isAnswerLost ? ", answer lost" : ""
            record("\(planned.action) → \(outcome)\(lost)")
            if let rule = ledger.note(planned.action, outcome, before: snapshot, isAlone: outcomes.count == 1) {
                throw failure(rule)
            }
            try await apply(planned, outcome)
        }
        if let tamper = options.tamper { try await tamper(step, backend) }
        try await check()
    }

    private func outcomes(of planned: [PlannedAction]) async -> [SimulationOutcome] {
        let (world, ids) = (world, runners.map(\.id))
        if planned.count == 1 {
            let only = planned[0]
            let outcome = await world.perform(
                only.action, by: only.action.runner.map { ids[$0] }, on: world.servers[only.server])
            return [outcome]
        }
        return await withTaskGroup(of: (Int, SimulationOutcome).self) { group in
            for (index, planned) in planned.enumerated() {
                group.addTask {
                    let outcome = await world.perform(
                        planned.action, by: planned.action.runner.map { ids[$0] },
                        on: world.servers[planned.server])
                    return (index, outcome)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// Every rule holds now, or ``SimulationFailure`` is thrown.
    mutating func check() async throws {
        guard
            let after = try await SimulationSnapshot.read(backend, unlessStill: snapshot.changes)
        else { return }
        let rules = SimulationInvariants(
            before: snapshot, after: after, ledger: ledger, now: time.clock?.now)
        if let broken = rules.broken { throw failure(broken) }
        if let finding = try await Services(backend: backend).doctor.check().first {
            throw failure("\(finding.rule): \(finding.ids)")
        }
        counts.retriesDelayed += after.delayed.keys.count { snapshot.delayed[$0] == nil }
        snapshot = after
    }

    mutating func record(_ text: String) {
        let line = "\(step): \(text)"
        options.trace?(line)
        if history.count == 20 { history.removeFirst() }
        history.append(line)
    }

    func failure(_ rule: String) -> SimulationFailure {
        let place =
            switch database {
            case .memory: "sqlite::memory:"
            case .postgres: "postgres://…"
            }
        return SimulationFailure(
            seed: seed, step: step, rule: rule, actions: history, database: database.name,
            command: "plue bench simulate --seed \(seed) --seeds 1 --steps \(options.steps)"
                + (options.hasFaults ? "" : " --no-faults") + " --database \(place) --trace")
    }
}
