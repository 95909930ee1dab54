/// What a load test offers.
package struct LoadOptions: Sendable {
    /// Runs a second that are due, whatever becomes of the earlier ones; nil: as many as go, while few enough wait.
    package var rate: Double?
    /// Seconds in which runs are created.
    package var seconds = 30
    /// Virtual runners of one job each.
    package var runners = 8
    /// Repositories whose runs are created in turns.
    package var repositories = 10
    package var shape = LoadShape.mixed
    package var synchronousCommit = true

    package init() {}

    /// Open jobs at most when runs are created as fast as they go.
    var backlog: Int { max(200, runners * 20) }
}

/// The jobs of each run.
package enum LoadShape: String, Sendable {
    /// Four jobs, two of which need others.
    case mixed
    /// Ten jobs that need none.
    case ten

    /// Keys of the jobs with those that they need.
    var jobs: [(key: String, needs: [String])] {
        switch self {
        case .mixed: [("build", []), ("lint", []), ("test", ["build"]), ("pack", ["test", "lint"])]
        case .ten: (1...10).map { ("j\($0)", []) }
        }
    }

    var text: String {
        let lines = jobs.map { key, needs in
            let list = needs.isEmpty ? "" : "needs: [\(needs.joined(separator: ", "))], "
            return "  \(key): {runs-on: self-hosted, \(list)steps: [{run: 'true'}]}\n"
        }
        return "on: push\njobs:\n" + lines.joined()
    }
}
