import ArgumentParser
internal import Glibc
internal import Model
internal import Services
internal import Storage

/// `plue watch`: follows a run of another process until it has ended; its exit code is the run's.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "watch", abstract: "Follow a run until it has ended.")

    @OptionGroup var history: HistoryOptions
    @Argument(help: "The run's id (default: the newest).") var id: Int64?

    mutating func run() async throws {
        let services = try await Database.open(history.database, absent: .empty)
        let first = try await history.run(id, services)
        let style = Style.standardError
        let text = RunSummaryText(style: style)
        Standard.errorLine(text.header(first.run))
        var shown: Set<ExecutionID> = []
        while true {
            // The run first: jobs that end between the two reads are then shown before the run is over.
            guard let run = try await services.history.run(first.run.id)?.run else { return }
            let jobs = try await services.history.jobs(of: run.id)
            for job in jobs where job.status.isTerminal && shown.insert(job.id).inserted {
                guard job.kind == .steps || job.conclusion == .skipped else { continue }
                for line in JobBlock(job: job).lines(style, nameWidth: 8) { Standard.errorLine(line) }
            }
            if run.status.isTerminal {
                for line in text.footer(run, jobs) { Standard.errorLine(line) }
                let code = RunResult.exitCode(run, jobs: jobs)
                if code != 0 { Glibc.exit(code) }
                return
            }
            try await Task.sleep(for: .milliseconds(100))
            try await Database.endLostRunners(services)
        }
    }
}
