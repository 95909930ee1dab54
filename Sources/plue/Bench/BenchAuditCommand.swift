import ArgumentParser
internal import BenchmarkHarness

/// `plue bench audit`: exit 1 when a goal is missed.
struct BenchAuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Rows of the audit log sealed and verified a second, and what sealing costs writers.",
        discussion: """
            A log of --rows rows is sealed and verified. Then --clients make runs at the same time, in rounds with and \
            without a sealer beside them: with it they keep 85 % of their throughput.
            """)

    @OptionGroup var targets: BenchTargets
    @Option(help: "Rows of the log.") var rows = 1_000_000
    @Option(help: "Clients that write at the same time.") var clients = 32
    @Option(help: "Seconds of a round.") var duration = 10

    mutating func run() async throws {
        guard (1...100_000_000).contains(rows), (1...200).contains(clients), (1...3_600).contains(duration) else {
            throw CommandError(
                ExitStatus.usage, "1 to 100,000,000 rows, 1 to 200 clients, 1 to 3,600 seconds a round")
        }
        let (rows, clients, duration, quick) = (rows, clients, duration, targets.quick)
        try await targets.measure { target, tell in
            try await AuditBenchmark(
                target, rows: quick ? min(rows, 5_000) : rows, clients: clients, seconds: quick ? 1 : duration,
                rounds: quick ? 1 : 5
            ).run(tell)
        }
    }
}
