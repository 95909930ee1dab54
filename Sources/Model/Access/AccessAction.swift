/// What somebody may do or may not: the one table of who needs what. Users need a role, runners may do their own work
/// alone, tokens of jobs what their `permissions` say; the system may do everything.
public enum AccessAction: String, Sendable, Hashable, CaseIterable {
    case repositoryRead = "repository.read"
    case repositoryCreate = "repository.create"
    case repositoryUpdate = "repository.update"
    case repositoryDelete = "repository.delete"
    case workflowRead = "workflow.read"
    case workflowUpdate = "workflow.update"
    /// Runs with their jobs, steps, logs, annotations and summaries.
    case runRead = "run.read"
    case runCreate = "run.create"
    /// Run its jobs oneself, as `plue run` does.
    case runExecute = "run.execute"
    /// Workflows come with it, and runs.
    case eventDeliver = "event.deliver"
    /// Of a text, for a run that is there.
    case jobCreate = "job.create"
    case runCancel = "run.cancel"
    case runRerun = "run.rerun"
    /// What a fork asked for.
    case runApprove = "run.approve"
    /// Before an environment: who of those that may do this is a reviewer says the environment.
    case jobReview = "job.review"
    case runPrioritize = "run.prioritize"
    case queueRead = "queue.read"
    case queueUpdate = "queue.update"
    case scheduleRead = "schedule.read"
    case scheduleUpdate = "schedule.update"
    case statisticsRead = "statistics.read"
    case environmentRead = "environment.read"
    case environmentUpdate = "environment.update"
    /// Names and dates; values leave to the runner of a job alone.
    case secretRead = "secret.read"
    case secretUpdate = "secret.update"
    case variableRead = "variable.read"
    case variableUpdate = "variable.update"
    /// Of secrets: which there are, rotation, a new root key.
    case keyRead = "key.read"
    case keyUpdate = "key.update"
    case runnerRead = "runner.read"
    /// Runners, their groups and registration tokens.
    case runnerUpdate = "runner.update"
    /// What a runner does: signs of life, claims, reports and ends of jobs, secrets and tokens of those that it holds.
    case runnerWork = "runner.work"
    /// What a server does on timers for all of the database.
    case serverWork = "server.work"
    case accessRead = "access.read"
    case accessUpdate = "access.update"
    case auditRead = "audit.read"
    case retentionRead = "retention.read"
    case retentionUpdate = "retention.update"
    /// Of everything, logs and records of secrets too.
    case databaseExport = "database.export"
    case databaseRestore = "database.restore"
    /// Whether all of it is as it must be.
    case databaseCheck = "database.check"

    /// The lowest role with which a user may do it.
    public var role: Role {
        switch self {
        case .repositoryRead, .workflowRead, .runRead, .queueRead, .scheduleRead, .statisticsRead, .environmentRead,
            .jobReview:
            .read
        case .workflowUpdate, .runCreate, .runExecute, .eventDeliver, .jobCreate, .runCancel, .runRerun, .runApprove,
            .scheduleUpdate,
            .variableRead:
            .write
        case .runPrioritize, .queueUpdate: .maintain
        case .repositoryCreate, .repositoryUpdate, .repositoryDelete, .environmentUpdate, .secretRead, .secretUpdate,
            .variableUpdate, .keyRead, .keyUpdate,
            .runnerRead, .runnerUpdate, .runnerWork, .serverWork, .accessRead, .accessUpdate, .auditRead,
            .retentionRead, .retentionUpdate, .databaseExport, .databaseRestore, .databaseCheck:
            .admin
        }
    }

    /// Also by whoever has no role, of a public repository.
    public var isOpenOfPublicRepositories: Bool { role == .read }

    /// A runner may do it. That it holds the job is proven by the job's fencing token, where that is shown.
    public var isForRunners: Bool {
        switch self {
        case .runnerWork, .serverWork: true
        default: false
        }
    }

    /// What the token of a job needs for it in its own repository; nil: no token of a job ever may.
    public var jobPermission: JobPermission? {
        switch self {
        // GitHub's `metadata`, which every token may read.
        case .repositoryRead: .any
        case .workflowRead, .runRead, .queueRead, .scheduleRead, .statisticsRead, .environmentRead: .actionsRead
        case .runCreate, .runCancel, .runRerun: .actionsWrite
        default: nil
        }
    }

    /// create, read, update or delete: for the audit log.
    public var operation: String {
        switch rawValue.split(separator: ".").last {
        case "create": "create"
        case "delete": "delete"
        case "read", "export", "check": "read"
        default: "update"
        }
    }
}
