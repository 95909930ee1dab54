internal import Model
internal import Services

/// What is read most.
enum HistoryRead: String, CaseIterable {
    case runs = "the newest 50 runs of a repository"
    case page = "a run with 256 jobs"
    case tail = "the last 100 lines of a log"

    /// What there is much of.
    var unit: String {
        switch self {
        case .runs: "runs"
        case .page: "jobs"
        case .tail: "lines"
        }
    }

    func run(_ data: ScaleData, _ services: Services) async throws {
        switch self {
        case .runs:
            var filter = HistoryService.Filter()
            filter.repository = ID(7)
            let found = try await services.history.runs(filter, limit: 50)
            guard found.count == 50 else { throw BenchmarkError("\(found.count) runs, not 50") }
        case .page:
            let run = try await services.history.run(ID(data.wideRun))
            let jobs = try await services.history.jobs(of: ID(data.wideRun))
            guard run != nil, jobs.count == 256 else { throw BenchmarkError("\(jobs.count) jobs, not 256") }
        case .tail:
            let lines = try await services.logs.tail(ID(data.longLog), count: 100)
            guard lines.count == 100 else { throw BenchmarkError("\(lines.count) lines, not 100") }
        }
    }
}
