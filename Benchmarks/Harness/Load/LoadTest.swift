internal import Model
internal import Services
internal import Storage

/// `plue bench queue --part load`: runs of several repositories are created at a fixed rate, or as fast as they go, while
/// virtual runners (no processes) claim, report and complete their jobs.
///
/// The rate is an open loop: run `n` is due at `n / rate` whatever became of the earlier ones, and its times begin then, so
/// that a stall counts for all whom it keeps waiting.
package struct LoadTest: Sendable {
    private let target: BenchmarkTarget
    private let options: LoadOptions

    package init(_ target: BenchmarkTarget, _ options: LoadOptions) {
        self.target = target
        self.options = options
    }

    static let principal = Principal(.runner, "bench")
    /// Runs that are being stored at the same time, at most.
    private static let creators = 4
    /// A runner that got nothing asks again after that long, if nobody told it of a job.
    private static let poll = Duration.milliseconds(250)
    /// The test ends when no job has ended for that long.
    private static let patience = Duration.seconds(20)

    /// Throws ``BenchmarkError`` and what the database throws; what went wrong with jobs stands in the result.
    package func run() async throws -> LoadResult {
        let database = try await target.database(
            "load", connections: Self.creators + options.runners + 2, synchronousCommit: options.synchronousCommit)
        do {
            let result = try await measure(database)
            try await database.remove()
            return result
        } catch {
            try? await database.remove()
            throw error
        }
    }

    /// Services by the kind of call, each with a counter of its own.
    private struct Sides {
        let counters = [RoundTrips(), RoundTrips(), RoundTrips()]
        let create, claim, complete: Services

        init(_ backend: any StorageBackend) {
            create = Services(backend: ObservedBackend(backend, counters[0]))
            claim = Services(backend: ObservedBackend(backend, counters[1]))
            complete = Services(backend: ObservedBackend(backend, counters[2]))
        }

        func costs(_ jobs: Int) -> [LoadResult.Cost] {
            zip(["create", "claim", "complete"], counters).map { kind, counter in
                let counts = counter.take()
                return LoadResult.Cost(
                    kind: kind, statements: Double(counts.statements) / Double(max(1, jobs)),
                    roundTrips: Double(counts.roundTrips) / Double(max(1, jobs)))
            }
        }
    }

    private func measure(_ database: BenchmarkDatabase) async throws -> LoadResult {
        let plain = try await Services.open(database.backend, migrations: target.migrations)
        let runners = try await QueueWork.register(options.runners, jobs: 1, plain)
        var requests: [RunRequest] = []
        for number in 1...options.repositories {
            requests.append(
                try await QueueWork.request("load", options.shape.text, repository: "repository-\(number)", plain))
        }
        let sides = Sides(database.backend)
        // The first run of a repository stores its file; and everything is planned and parsed once before it counts.
        for request in requests { _ = try await sides.create.runs.create(request, by: .system) }
        let before = requests.count * options.shape.jobs.count
        _ = try await QueueWork(services: plain, runners: runners).drain(before, batch: 1)
        _ = sides.costs(1)

        let ledger = LoadLedger(jobsOfRun: options.shape.jobs.count)
        try await play(sides, plain, runners, requests, ledger)
        let state = ledger.snapshot
        let jobs = state.runs * options.shape.jobs.count
        let costs = sides.costs(jobs)
        var faults = try await LoadFaults.found(in: plain, expected: before + jobs, doctor: true)
        faults.doubled += state.doubled
        let names = Dictionary(requests.map { ($0.repository.id, $0.repository.name) }) { first, _ in first }
        let shares = state.shares.map { id, share in
            LoadResult.Share(
                repository: names[id] ?? "\(id)", claims: share.claims,
                meanWait: Double(share.waited) / Double(max(1, share.claims)) / 1_000)
        }
        return LoadResult(
            database: target.name, options: options, runs: state.runs, jobs: state.ended.count,
            concluded: state.concluded,
            elapsed: max(0.001, ((state.lastEnd ?? ledger.began) - ledger.began) / .seconds(1)),
            seconds: state.seconds, times: state.times,
            shares: shares.sorted {
                ($0.repository.utf8.count, $0.repository) < ($1.repository.utf8.count, $1.repository)
            },
            costs: costs, faults: faults)
    }

    private func play(
        _ sides: Sides, _ plain: Services, _ runners: [RunnerID], _ requests: [RunRequest], _ ledger: LoadLedger
    ) async throws {
        let gate = WakeGate()
        let listeners = [sides.create, sides.complete].map { services in
            let events = services.events.subscribe()
            return Task {
                for await event in events { if case .jobQueued = event { gate.wakeOne() } }
            }
        }
        let sampler = Task { await sample(plain.backend, ledger) }
        defer { for task in listeners + [sampler] { task.cancel() } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for runner in runners {
                group.addTask { try await work(runner, sides, gate, ledger) }
            }
            group.addTask {
                try await withThrowingTaskGroup(of: Void.self) { creators in
                    for number in 0..<Self.creators {
                        creators.addTask { try await create(number, sides.create, requests, ledger) }
                    }
                    try await creators.waitForAll()
                }
                await settle(ledger)
                gate.open()
            }
            try await group.waitForAll()
        }
    }

    /// Every fourth run, each when it is due.
    private func create(
        _ first: Int, _ services: Services, _ requests: [RunRequest], _ ledger: LoadLedger
    ) async throws {
        let end = ledger.began + .seconds(options.seconds)
        var number = first
        while true {
            var due = ContinuousClock.now
            if let rate = options.rate {
                due = ledger.began + .seconds(Double(number) / rate)
                if due >= end { return }
                try await Task.sleep(until: due, clock: .continuous)
            } else {
                if due >= end { return }
                if ledger.openJobs >= options.backlog {
                    try await Task.sleep(for: .milliseconds(1))
                    continue
                }
            }
            let run = try await services.runs.create(requests[number % requests.count], by: .system)
            ledger.created(run.id, due: due)
            number += Self.creators
        }
    }

    private func work(
        _ runner: RunnerID, _ sides: Sides, _ gate: WakeGate, _ ledger: LoadLedger
    ) async throws {
        while true {
            let words = gate.words
            let began = ContinuousClock.now
            let claimed = try await sides.claim.queue.claim(runner, limit: 1, by: Self.principal)
            let took = ContinuousClock.now - began
            for message in claimed {
                ledger.claimed(message, took: took)
                let began = ContinuousClock.now
                try await QueueWork.finish(message, sides.complete)
                ledger.completed(message, took: ContinuousClock.now - began)
            }
            if claimed.isEmpty {
                if gate.isOpen { return }
                await gate.wait(after: words, Self.poll)
            }
        }
    }

    /// Until all that was created has ended, or nothing ends any more.
    private func settle(_ ledger: LoadLedger) async {
        var (last, since) = (ledger.openJobs, ContinuousClock.now)
        while last > 0, ContinuousClock.now - since < Self.patience {
            try? await Task.sleep(for: .milliseconds(10))
            let now = ledger.openJobs
            if now != last { (last, since) = (now, ContinuousClock.now) }
        }
    }

    /// Looks at the queue shortly before the end of each second.
    private func sample(_ backend: any StorageBackend, _ ledger: LoadLedger) async {
        var second = 0
        while !Task.isCancelled {
            try? await Task.sleep(
                until: ledger.began + .seconds(second) + .milliseconds(950), clock: .continuous)
            if Task.isCancelled { return }
            let count = try? await backend.read { db in
                try db.execute(Statement(sql: "SELECT count(*) AS n FROM actions_job_queue")).first?["n"] ?? 0 as Int
            }
            if let count { ledger.saw(depth: count) }
            second = max(second + 1, Int((ContinuousClock.now - ledger.began) / .seconds(1)))
        }
    }
}
