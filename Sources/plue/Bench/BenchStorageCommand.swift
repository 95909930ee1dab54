import ArgumentParser
internal import BenchmarkHarness
internal import Storage

/// `plue bench storage`: exit 1 when a goal is missed.
struct BenchStorageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage",
        abstract: "The drivers against C loops, the making of runs, reads beside a million rows.",
        discussion: """
            SQLite is measured in a temporary folder, PostgreSQL in schemas of its own that are removed afterwards: on
            the server of --database, else on that of PLUE_TEST_POSTGRES if it is set. Ratios compare things measured in
            turns; the times themselves depend on the machine.
            """)

    @OptionGroup var targets: BenchTargets

    @Option(help: "driver, runs or reads: that part alone; may be repeated.")
    var part: [StorageBenchmark.Part] = []

    mutating func run() async throws {
        let (part, quick) = (part, targets.quick)
        try await targets.measure { target, tell in
            let parts = part.isEmpty ? StorageBenchmark.Part.allCases : part
            try await StorageBenchmark(target, isQuick: quick).run(parts, tell)
        }
    }
}

extension StorageBenchmark.Part: ExpressibleByArgument {}
