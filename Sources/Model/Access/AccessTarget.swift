/// What somebody wants to do something with. What belongs to a repository is decided by the roles that hold for that
/// repository, its organization and the installation.
public enum AccessTarget: Sendable, Hashable, CustomStringConvertible {
    case installation
    case organization(Int64)
    case repository(RepositoryID)
    case workflow(WorkflowID)
    case schedule(ScheduleID)
    case run(RunID)
    case job(ExecutionID)
    case runner(RunnerID)
    case runnerGroup(RunnerGroupID)

    public init(_ scope: RoleScope) {
        switch scope {
        case .installation: self = .installation
        case .organization(let id): self = .organization(id)
        case .repository(let id): self = .repository(id)
        }
    }

    public init(_ scope: RunnerScope) {
        switch scope {
        case .global: self = .installation
        case .organization(let id): self = .organization(id)
        case .repository(let id): self = .repository(id)
        }
    }

    /// Everything, or what that repository has.
    public init(_ repository: RepositoryID?) {
        self = repository.map { .repository($0) } ?? .installation
    }

    /// Everything, or what that organization has.
    public init(organization: Int64?) {
        self = organization.map { .organization($0) } ?? .installation
    }

    public init(_ owner: SecretOwner) {
        switch owner {
        case .repository(let id), .environment(let id, _): self = .repository(id)
        case .organization(let id): self = .organization(id)
        }
    }

    public var description: String {
        switch self {
        case .installation: "the installation"
        case .organization(let id): "organization \(id)"
        case .repository(let id): "repository \(id)"
        case .workflow(let id): "workflow \(id)"
        case .schedule(let id): "schedule \(id)"
        case .run(let id): "run \(id)"
        case .job(let id): "job \(id)"
        case .runner(let id): "runner \(id)"
        case .runnerGroup(let id): "runner group \(id)"
        }
    }
}
