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
            """)

    enum Part: String, ExpressibleByArgument, CaseIterable {
        case throughput, claims
    }

    @OptionGroup var targets: BenchTargets
    @Option(help: "What to measure.") var part = Part.throughput
    @Option(help: "Jobs that wait at the beginning (default: 3000; claims: 100000).") var jobs: Int?
    @Option(help: "Runners at the same time.") var runners = 8
    @Option(help: "Jobs a claim; may be repeated.") var batch: [Int] = []

    mutating func run() async throws {
        let jobs = jobs ?? (part == .claims ? 100_000 : 3_000)
        guard (10...1_000_000).contains(jobs), (1...100).contains(runners), batch.allSatisfy({ (1...1_000) ~= $0 })
        else { throw CommandError(ExitStatus.usage, "10 to 1,000,000 jobs, 1 to 100 runners, batches of 1 to 1,000") }
        let (runners, batches, quick) = (runners, batch.isEmpty ? [1, 100] : batch, targets.quick)
        if part == .claims {
            return try await targets.measure { target, tell in
                try await ClaimBenchmark(
                    target, jobs: quick ? min(jobs, 1_000) : jobs, runners: quick ? 100 : 1_000
                ).run(tell)
            }
        }
        try await targets.measure { target, tell in
            try await QueueBenchmark(
                target, jobs: quick ? min(jobs, 500) / 10 * 10 : jobs / 10 * 10, rounds: quick ? 1 : 3,
                connections: runners
            ).run(batches, tell)
        }
    }
}
