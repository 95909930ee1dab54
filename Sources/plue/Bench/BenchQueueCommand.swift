import ArgumentParser
internal import BenchmarkHarness

/// `plue bench queue`: exit 1 when a goal is missed.
struct BenchQueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Jobs claimed and completed a second by runners at the same time.",
        discussion: """
            Runs of ten jobs are stored; then every runner claims and completes until nothing is left, reporting one \
            step of each job. The floor is rows inserted and committed one by one by as many connections. A job that is \
            lost or done twice fails the benchmark.

            --part claims measures instead how long single claims take while very many jobs wait (100,000 if --jobs is \
            not given), by 1,000 runners and fifty label sets.

            --part load creates runs of several repositories while runners work: --rate of them a second, each due at \
            its time whatever became of the others (an open loop: times begin when a run is due), or without --rate as \
            fast as they go.
            """)

    enum Part: String, ExpressibleByArgument, CaseIterable {
        case throughput, claims, load
    }

    enum Switch: String, ExpressibleByArgument, CaseIterable {
        case on, off
    }

    @OptionGroup var targets: BenchTargets
    @Option(help: "What to measure.") var part = Part.throughput
    @Option(help: "Jobs that wait at the beginning (default: 3000; claims: 100000).") var jobs: Int?
    @Option(help: "Runners at the same time.") var runners = 8
    @Option(help: "Jobs a claim; may be repeated.") var batch: [Int] = []
    @Option(help: "load: runs a second that are due; without it as many as go.") var rate: Double?
    @Option(help: "load: seconds in which runs are created.") var duration = 30
    @Option(help: "load: repositories whose runs are created in turns.") var repositories = 10
    @Option(help: "PostgreSQL: whether a commit waits for the disk.") var synchronousCommit = Switch.on

    mutating func run() async throws {
        try check()
        let command = self
        try await targets.measure { target, tell in try await command.measure(target, tell) }
    }

    /// Throws ``CommandError``.
    private func check() throws {
        guard (10...1_000_000).contains(jobs ?? 10), (1...100).contains(runners),
            batch.allSatisfy({ (1...1_000) ~= $0 })
        else { throw CommandError(ExitStatus.usage, "10 to 1,000,000 jobs, 1 to 100 runners, batches of 1 to 1,000") }
        guard (0.1...100_000).contains(rate ?? 1), (1...86_400).contains(duration), (1...1_000).contains(repositories)
        else {
            throw CommandError(
                ExitStatus.usage, "0.1 to 100,000 runs a second, 1 to 86,400 seconds, 1 to 1,000 repositories")
        }
    }

    private func measure(_ target: BenchmarkTarget, _ tell: (BenchmarkLine) -> Void) async throws {
        let quick = targets.quick
        switch part {
        case .throughput:
            let jobs = jobs ?? 3_000
            try await QueueBenchmark(
                target, jobs: quick ? min(jobs, 500) / 10 * 10 : jobs / 10 * 10, rounds: quick ? 1 : 3,
                connections: runners, synchronousCommit: synchronousCommit == .on
            ).run(batch.isEmpty ? [1, 100] : batch, tell)
        case .claims:
            let jobs = jobs ?? 100_000
            try await ClaimBenchmark(
                target, jobs: quick ? min(jobs, 1_000) : jobs, runners: quick ? 100 : 1_000
            ).run(tell)
        case .load:
            var options = LoadOptions()
            options.rate = rate
            options.seconds = quick ? min(duration, 1) : duration
            options.runners = runners
            options.repositories = repositories
            options.synchronousCommit = synchronousCommit == .on
            let result = try await LoadTest(target, options).run()
            for line in result.lines { tell(line) }
        }
    }
}
