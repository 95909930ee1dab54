import ArgumentParser
internal import BenchmarkHarness
internal import Glibc

/// `plue bench simulate`: exit 1 when a rule is broken.
struct BenchSimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Random runs, runners and faults against the queue, checked after each step.",
        discussion: """
            Each seed makes an empty database: SQLite in memory with a clock of its own, and the server of --database \
            or of PLUE_TEST_POSTGRES, on which the actions of a step race each other. Runners are lost, answers and \
            results come late or twice, clocks jump, commits are slow; after each step every rule of the doctor and of \
            the simulation must hold, and at the end every run must have ended. On SQLite a seed repeats itself exactly; \
            on PostgreSQL it repeats the actions, whose order the server decides.
            """)

    @Option(help: "postgres://… to use that server alone, sqlite::memory: for SQLite alone.") var database: String?
    @Option(help: "The first seed; a random one when it is not given.") var seed: UInt64?
    @Option(help: "Seeds that are played, one after the other.") var seeds: Int = 10
    @Option(help: "Steps of a seed, before it is led to its end.") var steps: Int = 200
    @Option(help: "Seeds at the same time.") var workers: Int = 1
    @Flag(help: "Nothing goes wrong.") var noFaults = false
    @Flag(help: "Every action with its outcome.") var trace = false
    @Flag(help: "One JSON object a database.") var json = false

    mutating func run() async throws {
        guard (1...10_000_000).contains(seeds), (1...1_000_000).contains(steps), (1...64).contains(workers) else {
            throw CommandError(ExitStatus.usage, "at least 1 seed and 1 step, 1 to 64 workers")
        }
        let first = seed ?? UInt64(UInt32.random(in: 0...UInt32.max))
        guard first < UInt64.max - UInt64(seeds) else { throw CommandError(ExitStatus.usage, "the seed is too high") }
        for database in try databases() { try await simulate(database, first..<(first + UInt64(seeds))) }
    }

    private func simulate(_ database: SimulationDatabase, _ seeds: Range<UInt64>) async throws {
        var options = Simulation.Options()
        options.steps = steps
        options.hasFaults = !noFaults
        if trace { options.trace = { Standard.line($0) } }
        let isShown = !json && !trace && isatty(STDERR_FILENO) == 1
        let began = ContinuousClock.now
        let counts: SimulationCounts
        do {
            counts = try await SimulationBenchmark(database, seeds: seeds, workers: workers, options).run { counts in
                if isShown { Standard.error("\r\(database.name): \(counts.seeds) of \(seeds.count) seeds") }
            }
        } catch let failure as SimulationFailure {
            if isShown { Standard.error("\n") }
            Standard.output(json ? Self.json(failure) : "\(failure)\n")
            Glibc.exit(ExitStatus.failed)
        } catch {
            throw CommandError(ExitStatus.engine, "the simulation failed: \(error)")
        }
        if isShown { Standard.error("\r\u{1b}[K") }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        tell(counts, database, seeds, Double(counts.seeds) / seconds)
    }

    private func tell(
        _ counts: SimulationCounts, _ database: SimulationDatabase, _ seeds: Range<UInt64>, _ rate: Double
    ) {
        let rounded = (rate * 100).rounded() / 100
        if json {
            let figures = counts.figures.map { #""\#($0.name)":\#($0.count)"# }.joined(separator: ",")
            Standard.line(
                #"{"v":1,"bench":"simulate","database":"\#(database.name)","seed":\#(seeds.lowerBound),\#(figures),"seeds_per_second":\#(rounded)}"#
            )
            return
        }
        let figures = counts.figures.map { "\($0.count) \($0.name.replacing("_", with: " "))" }
        Standard.line(
            "\(database.name), seeds \(seeds.lowerBound) to \(seeds.upperBound - 1): "
                + figures.joined(separator: ", ") + "; \(rounded) seeds a second; every rule held")
    }

    private static func json(_ failure: SimulationFailure) -> String {
        let rule = failure.rule.map { $0 == "\"" || $0 == "\\" || $0.isNewline ? " " : String($0) }.joined()
        return
            #"{"v":1,"bench":"simulate","database":"\#(failure.database)","seed":\#(failure.seed),"step":\#(failure.step),"broken":"\#(rule)"}"#
            + "\n"
    }

    private func databases() throws -> [SimulationDatabase] {
        switch database {
        case "sqlite::memory:"?: return [.memory]
        case let server? where server.hasPrefix("postgres://") || server.hasPrefix("postgresql://"):
            return [.postgres(server)]
        case let other?:
            throw CommandError(
                ExitStatus.usage, "\(other): expected postgres://USER@HOST/DATABASE or sqlite::memory:")
        case nil: return [.memory] + (Directories.variable("PLUE_TEST_POSTGRES").map { [.postgres($0)] } ?? [])
        }
    }
}
