import ArgumentParser
internal import Model
internal import Services
internal import Storage

/// `plue logs`: what the steps of a run wrote.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "logs", abstract: "Print the logs of a run.")

    @OptionGroup var history: HistoryOptions
    @Argument(help: "The run's id (default: the newest).") var id: Int64?
    @Flag(name: [.customShort("f"), .long], help: "Go on until the run has ended.") var follow = false
    @Option(help: "Only this job.") var job: String?
    @Option(help: "Only this step: its number or name.") var step: String?

    mutating func run() async throws {
        let services = try await Database.open(history.database, absent: .empty)
        let summary = try await history.run(id, services)
        var positions: [ExecutionID: Int64] = [:]
        while true {
            let isOver = try await services.history.run(summary.run.id)?.run.status.isTerminal ?? true
            let jobs = try await services.history.jobs(of: summary.run.id)
                .filter { $0.kind == .steps && (job.map($0.matches) ?? true) }
            if let job, jobs.isEmpty, isOver {
                throw CommandError(ExitStatus.usage, "run \(summary.run.id) has no job \(job)")
            }
            for job in jobs { try await print(job, many: jobs.count > 1, &positions, services) }
            if isOver || !follow { return }
            try await Task.sleep(for: .milliseconds(100))
            try await Database.endLostRunners(services)
        }
    }

    private func print(
        _ job: JobExecution, many: Bool, _ positions: inout [ExecutionID: Int64], _ services: Services
    ) async throws {
        let steps = step == nil ? [] : try await services.history.steps(of: job.id)
        let chosen = Set(steps.filter { "\($0.number)" == step || $0.name == step }.map(\.number))
        let prefix = many ? "\(job.name)\t" : ""
        let wanted = step
        var isEmpty = positions[job.id] == nil
        positions[job.id] = try await LogReader(services: services).each(job.id, after: positions[job.id] ?? 0) {
            line in
            isEmpty = false
            if wanted == nil || chosen.contains(line.step) { Standard.line(prefix + Standard.shown(line.text)) }
        }
        if isEmpty, let removal = try await services.logs.removal(of: job.id) {
            Standard.errorLine(
                "the log of \(job.name.oneLine) was removed on \(removal.removedAt.iso8601.prefix(10)): "
                    + "logs are kept for \(removal.days) days after a run has ended")
        }
    }
}
