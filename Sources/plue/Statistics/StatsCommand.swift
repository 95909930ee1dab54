import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue stats`: how often jobs pass, how long they wait and take, what they use.
struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Success rates, times and use of runs and jobs that have ended.")

    @OptionGroup var history: HistoryOptions
    @Option(help: "A repository: its id, OWNER/NAME or folder (default: this one).") var repository: String?
    @Option(name: [.customShort("W"), .customLong("workflow")], help: "Of this workflow file: its path, or ci.yml.")
    var workflow: String?
    @Option(help: "What ended in the last so many days (30d) or weeks (4w), or since a day (2026-11-01).") var since =
        "30d"
    @Flag(name: [.short, .long], help: "Of all repositories.") var all = false
    @Flag(help: "The steps of each job, too.") var steps = false
    @Flag(help: "A JSON object.") var json = false

    mutating func run() async throws {
        guard let first = Self.moment(since, before: WallClock.now) else {
            throw CommandError(ExitStatus.usage, "--since \(since): expected 30d, 4w or 2026-11-01")
        }
        let services = try await Database.open(history.database, absent: .empty)
        var filter = StatisticsService.Filter()
        filter.since = first
        filter.filename = workflow
        if let repository {
            filter.repository = try await RepositoryArgument.find(repository, services)
        } else if !all {
            guard let here = try await history.repository(services) else {
                throw CommandError(ExitStatus.usage, "there is no run yet in this repository; -a shows all")
            }
            filter.repository = here.id
        }
        try await services.statistics.rollUp()
        let found = try await services.statistics.read(filter, by: Caller.principal)
        await services.backend.close()
        if json { return Standard.line(StatsRecord.make(found, since: first)) }
        guard !found.entries.isEmpty else {
            return Standard.errorLine("nothing has ended since \(first.iso8601.prefix(10))")
        }
        show(found)
    }

    /// The beginning of what is asked for; days are those of UTC, whole.
    static func moment(_ text: String, before now: Timestamp) -> Timestamp? {
        if let day = Timestamp(iso8601: text + "T00:00:00Z") { return day }
        let days: Int64? =
            switch text.last {
            case "d": Int64(text.dropLast())
            case "w": Int64(text.dropLast()).map { $0.multipliedReportingOverflow(by: 7).partialValue }
            default: nil
            }
        guard let days, (1...36_500).contains(days) else { return nil }
        return now.advanced(by: .seconds(-days * 86_400))
    }

    private func show(_ found: Statistics) {
        let rows = found.entries.flatMap { entry in
            let counts = entry.counts
            let name = all ? "\(entry.repositoryName) \(entry.filename)" : entry.filename
            let row = [
                entry.job.map { "  \($0)" } ?? name, "\(counts.total)", Self.percent(counts.successRate),
                Self.times(entry.queueTimes), Self.times(entry.runTimes), "\(counts.minutes)",
                counts.flaky == 0 ? "" : "\(counts.flaky)", Self.cpu(entry.use), Self.peak(entry.use),
            ]
            return [row] + (steps ? entry.steps.map(Self.row) : [])
        }
        let heading = [
            "WORKFLOW / JOB", "ENDED", "PASSED", "WAITED p50/p90/p99", "TOOK p50/p90/p99", "MINUTES", "FLAKY", "CPU",
            "PEAK",
        ]
        Standard.output(Table(heading).text(rows))
        let jobs = found.entries.filter { $0.job != nil }.map(\.counts)
        func sum(_ part: (JobCounts) -> Int64) -> Int64 { jobs.reduce(0) { $0 + part($1) } }
        let infrastructure = sum(\.infrastructure)
        let classes = [
            (sum(\.failed) - infrastructure, "failed"), (infrastructure, "failed by infrastructure"),
            (sum(\.timedOut), "timed out"), (sum(\.cancelled), "cancelled"), (sum(\.lostClaims), "claims lost"),
            (sum(\.repeated), "run again"), (sum(\.flaky), "flaky"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        if !classes.isEmpty { Standard.line("\njobs: " + classes.joined(separator: " · ")) }
        Standard.line(
            "use: \(sum(\.minutes)) minutes, each job rounded up; exactly \(Elapsed.text(microseconds: sum(\.runMicroseconds)))"
        )
        let runners = found.runners.map { use in
            [use.name ?? "(others)", "\(use.claims)", Elapsed.text(microseconds: use.busyMicroseconds)]
        }
        if !runners.isEmpty { Standard.output("\n" + Table(["RUNNER", "JOBS", "BUSY"]).text(runners)) }
    }

    /// Of a step: times are means.
    private static func row(_ entry: Statistics.StepEntry) -> [String] {
        let counts = entry.counts
        let judged = Double(counts.executed - counts.failed) / Double(max(1, counts.executed))
        let mean = counts.runMicroseconds / max(1, counts.executed)
        return [
            "    \(entry.name.oneLine)", "\(counts.executed)", percent(judged), "",
            "~" + Elapsed.text(microseconds: mean), "", counts.flaky == 0 ? "" : "\(counts.flaky)", cpu(counts),
            peak(counts),
        ]
    }

    private static func cpu(_ counts: StepCounts) -> String {
        counts.cpuMicroseconds == 0 ? "" : Elapsed.text(microseconds: counts.cpuMicroseconds)
    }

    private static func peak(_ counts: StepCounts) -> String {
        counts.peakMemoryBytes == 0 ? "" : "\((counts.peakMemoryBytes + 524_288) >> 20) MiB"
    }

    private static func percent(_ rate: Double?) -> String {
        rate.map { "\(Int(($0 * 100).rounded(.down)))%" } ?? ""
    }

    private static func times(_ histogram: TimeHistogram) -> String {
        [0.5, 0.9, 0.99].compactMap { histogram.percentile($0) }.map { Elapsed.text(microseconds: $0) }
            .joined(separator: " / ")
    }
}

/// Statistics as JSON; times are seconds.
enum StatsRecord {
    static func make(_ found: Statistics, since: Timestamp) -> String {
        let entries = found.entries.map { ExpressionValue.object(entry($0)) }
        let runners = found.runners.map { use in
            ExpressionValue.object(
                ExpressionObject([
                    ("name", use.name.map { .string($0) } ?? .null), ("claims", .number(Double(use.claims))),
                    ("busy_seconds", seconds(use.busyMicroseconds)),
                ]))
        }
        return ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("since", .string(String(since.iso8601.prefix(10)))),
                ("entries", .array(ExpressionArray(entries))), ("runners", .array(ExpressionArray(runners))),
            ])
        ).json(pretty: true)
    }

    private static func entry(_ entry: Statistics.Entry) -> ExpressionObject {
        let counts = entry.counts
        func number(_ value: Int64) -> ExpressionValue { .number(Double(value)) }
        return ExpressionObject([
            ("repository", .string(entry.repositoryName)), ("workflow", .string(entry.filename)),
            ("job", entry.job.map { .string($0) } ?? .null), ("ended", number(counts.total)),
            ("succeeded", number(counts.succeeded)), ("failed", number(counts.failed)),
            ("cancelled", number(counts.cancelled)), ("skipped", number(counts.skipped)),
            ("success_rate", counts.successRate.map { .number($0) } ?? .null),
            ("infrastructure", number(counts.infrastructure)), ("timed_out", number(counts.timedOut)),
            ("flaky", number(counts.flaky)), ("repeated", number(counts.repeated)),
            ("lost_claims", number(counts.lostClaims)), ("minutes", number(counts.minutes)),
            ("queue_seconds", seconds(counts.queueMicroseconds)), ("run_seconds", seconds(counts.runMicroseconds)),
            ("queue", percentiles(entry.queueTimes)), ("run", percentiles(entry.runTimes)),
            ("cpu_seconds", seconds(entry.use.cpuMicroseconds)),
            ("peak_memory_bytes", number(entry.use.peakMemoryBytes)),
            ("steps", .array(ExpressionArray(entry.steps.map { .object(step($0)) }))),
        ])
    }

    private static func step(_ entry: Statistics.StepEntry) -> ExpressionObject {
        let counts = entry.counts
        func number(_ value: Int64) -> ExpressionValue { .number(Double(value)) }
        return ExpressionObject([
            ("step", .string(entry.step)), ("name", .string(entry.name)), ("executed", number(counts.executed)),
            ("failed", number(counts.failed)), ("flaky", number(counts.flaky)),
            ("run_seconds", seconds(counts.runMicroseconds)), ("cpu_seconds", seconds(counts.cpuMicroseconds)),
            ("peak_memory_bytes", number(counts.peakMemoryBytes)),
        ])
    }

    private static func percentiles(_ histogram: TimeHistogram) -> ExpressionValue {
        func value(_ rank: Double) -> ExpressionValue { histogram.percentile(rank).map(seconds) ?? .null }
        return .object(ExpressionObject([("p50", value(0.5)), ("p90", value(0.9)), ("p99", value(0.99))]))
    }

    private static func seconds(_ microseconds: Int64) -> ExpressionValue {
        .number(Double(microseconds) / 1_000_000)
    }
}
