public import Model
internal import QueryBuilder
internal import Storage

/// How a runner stands to a job.
public struct RunnerMatch: Sendable {
    /// Why a runner does not take a job.
    public enum Obstacle: Sendable, Hashable {
        case offline
        /// It takes nothing more, for a reason that is given when it is paused.
        case paused(String)
        /// It finishes what it has.
        case draining
        /// Its repository or organization is another one.
        case outOfScope
        /// Its group, of that name, does not take public repositories.
        case groupExcludesPublic(String)
        /// Its group, of that name, takes other repositories.
        case groupExcludesRepository(String)
        /// Its group, of that name, takes other workflows.
        case groupExcludesWorkflow(String)
        /// The job asks for a group of that name, and it is in none or another.
        case notInGroup(String)
        /// Labels that the job asks for and it does not have.
        case missingLabels([String])
        /// It executes as many jobs as it can.
        case full
        /// The job's run belongs to the runner of a `plue run`.
        case bound
    }

    public var runner: Runner
    /// Live jobs by `max_parallel_jobs`.
    public var load: Double
    /// Nil: it could take the job now.
    public var obstacle: Obstacle?
}

/// What a job asks of a runner.
struct JobDemand {
    /// The entries of its label set: labels, and its group (``GroupLabel``).
    var labels: [String]
    var origin: JobOrigin
    var organization: Int64?
    /// Of a `plue run`.
    var boundRunner: RunnerID?

    /// What keeps that runner, with so many live jobs, from taking it; whether it is online is not asked.
    func obstacle(_ runner: Runner, live: Int64) -> RunnerMatch.Obstacle? {
        if let boundRunner, boundRunner != runner.id { return .bound }
        switch runner.scope {
        case .repository(let id) where id != origin.repository: return .outOfScope
        case .organization(let id) where id != organization: return .outOfScope
        case .repository, .organization, .global: break
        }
        if let group = runner.group, let obstacle = GroupAccess.obstacle(group, origin) { return obstacle }
        let entries = runner.entries
        let missing = labels.filter { !entries.contains($0) }
        if let group = missing.lazy.compactMap(GroupLabel.group).first { return .notInGroup(group) }
        if !missing.isEmpty { return .missingLabels(missing) }
        if let reason = runner.pausedReason { return .paused(reason) }
        if runner.isDraining { return .draining }
        return live >= runner.maxParallelJobs ? .full : nil
    }
}
