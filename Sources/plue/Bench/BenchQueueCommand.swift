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

            The others prove one sentence each: idle (200 runners that wait cost few statements), fairness (small \
            repositories behind a large one), late (results of runners whose lease ended are refused), snapshot \
            (throughput while an old snapshot is held), wal (what PostgreSQL writes ahead for a job, by table), history \
            (throughput beside a million finished jobs), runs (whole runs of ten jobs a second).

            --output writes result.json (for `plue bench compare`) and report.html, of load also series.csv and the \
            times as HdrHistogram's .hgrm.
            """)

    enum Part: String, ExpressibleByArgument, CaseIterable {
        case throughput, claims, load, idle, fairness, late, snapshot, wal, history, runs
    }

    enum Switch: String, ExpressibleByArgument, CaseIterable {
        case on, off
    }

    @OptionGroup var targets: BenchTargets
    @Option(help: "What to measure.") var part = Part.throughput
    @Option(help: "Jobs that wait at the beginning (default: 3000; claims: 100000).") var jobs: Int?
    @Option(help: "Runners at the same time.") var runners = 8
    @Option(help: "Jobs a claim; may be repeated.") var batch: [Int] = []
    @Option(help: "throughput, snapshot, history: measurements, of which the median counts (default: 3; 5; 5).")
    var rounds: Int?
    @Option(help: "load: runs a second that are due; without it as many as go.") var rate: Double?
    @Option(help: "load, runs: seconds in which runs are created.") var duration = 30
    @Option(help: "load: repositories whose runs are created in turns.") var repositories = 10
    @Option(help: "PostgreSQL: whether a commit waits for the disk.") var synchronousCommit = Switch.on

    @OptionGroup var output: BenchOutput

    mutating func run() async throws {
        try check()
        try output.check()
        let command = self
        var loads: [LoadResult] = []
        try await targets.measure { lines, versions in
            try command.save(lines, loads, versions)
        } _: { target, tell in
            loads += try await command.measure(target, tell)
        }
    }

    private func save(
        _ lines: [BenchmarkLine], _ loads: [LoadResult], _ versions: [(name: String, version: String)]
    ) throws {
        let values: [(name: String, value: String?)] = [
            ("jobs", jobs.map { "\($0)" }), ("runners", "\(runners)"),
            ("batch", batch.isEmpty ? nil : batch.map { "\($0)" }.joined(separator: ", ")),
            ("rounds", rounds.map { "\($0)" }), ("rate", rate.map { "\($0)" }),
            ("duration", [.load, .runs].contains(part) ? "\(duration)" : nil),
            ("repositories", part == .load ? "\(repositories)" : nil),
            ("synchronous-commit", synchronousCommit.rawValue), ("quick", targets.quick ? "yes" : nil),
        ]
        let options = values.compactMap { name, value in value.map { (name: name, value: $0) } }
        try output.write(part: part.rawValue, options: options, lines, loads, versions)
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
        guard (1...100).contains(rounds ?? 1) else { throw CommandError(ExitStatus.usage, "1 to 100 rounds") }
        if part == .wal, !targets.hasServer {
            throw CommandError(
                ExitStatus.usage, "--part wal: only PostgreSQL has what it measures: --database postgres://…")
        }
    }
}
