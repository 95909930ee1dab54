/// What a load test takes the times of.
package enum LoadMeasure: String, Sendable, CaseIterable {
    /// From when the run was due until it was stored.
    case creation
    /// From the queue to a runner, by the database's clock.
    case queueWait = "queue_wait"
    /// A call that brought a job.
    case claim
    /// A call that ended a job, with what its runner had to report.
    case completion
    /// From when the run was due until its last job had ended.
    case run

    /// For a legend.
    package var short: String {
        switch self {
        case .creation: "creation"
        case .queueWait: "queue wait"
        case .claim: "claim"
        case .completion: "completion"
        case .run: "whole run"
        }
    }

    package var title: String {
        switch self {
        case .creation: "creation of a run, since it was due"
        case .queueWait: "wait in the queue"
        case .claim: "claim call"
        case .completion: "completion call"
        case .run: "whole run, since it was due"
        }
    }
}
