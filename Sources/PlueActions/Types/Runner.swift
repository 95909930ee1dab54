public import Model
public import Storage

/// Something that takes jobs and executes them.
public struct Runner: Sendable, Hashable {
    public var id: RunnerID
    public var name: String
    /// Lower-case: those of the system (`self-hosted`, its os, its architectures, `docker`) and its own.
    public var labels: [String]
    /// Nil: of an organization, or of all.
    public var repositoryID: RepositoryID?
    public var organizationID: Int64?
    /// Nil: it takes the jobs of all repositories of its scope.
    public var groupID: RunnerGroupID?
    public var status: RunnerStatus
    /// It takes one job.
    public var isEphemeral: Bool
    /// The last sign of life; nil before the first.
    public var lastSeen: Timestamp?
    public var capabilities: RunnerCapabilities

    init(_ runner: Model.Runner) {
        id = runner.id
        name = runner.name
        labels = runner.labels
        groupID = runner.groupID
        status = runner.status
        isEphemeral = runner.isEphemeral
        lastSeen = runner.lastSeen
        capabilities = runner.capabilities
        switch runner.scope {
        case .repository(let id): repositoryID = id
        case .organization(let id): organizationID = id
        case .global: break
        }
    }
}
