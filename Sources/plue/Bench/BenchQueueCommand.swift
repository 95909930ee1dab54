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
            """)

    @OptionGroup var targets: BenchTargets
    @Option(help: "Jobs that wait at the beginning.") var jobs = 3_000
    @Option(help: "Runners at the same time.") var runners = 8
    @Option(help: "Jobs a claim; may be repeated.") var batch: [Int] = []

    mutating func run() async throws {
        guard (10...1_000_000).contains(jobs), (1...100).contains(runners), batch.allSatisfy({ (1...1_000) ~= $0 })
        else { throw CommandError(ExitStatus.usage, "10 to 1,000,000 jobs, 1 to 100 runners, batches of 1 to 1,000") }
        let (jobs, runners, batches, quick) = (jobs, runners, batch.isEmpty ? [1, 100] : batch, targets.quick)
        try await targets.measure { target, tell in
            try await QueueBenchmark(
                target, jobs: quick ? min(jobs, 500) / 10 * 10 : jobs / 10 * 10, rounds: quick ? 1 : 3,
                connections: runners
            ).run(batches, tell)
        }
    }
}
