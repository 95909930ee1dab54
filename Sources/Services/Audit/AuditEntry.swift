internal import Model
internal import WorkflowSyntax

/// One thing that someone did, for the audit log.
struct AuditEntry {
    enum Action: String {
        case repositoryCreate = "repository.create"
        case repositoryUpdate = "repository.update"
        case repositoryDelete = "repository.delete"
        case workflowCreate = "workflow.create"
        case workflowUpdate = "workflow.update"
        case workflowDelete = "workflow.delete"
        case runCreate = "run.create"
        case runCancel = "run.cancel"
        case runRerun = "run.rerun"
        case jobQueue = "job.queue"
        case jobUpdate = "job.update"
        case jobCancel = "job.cancel"
        /// A step set a variable that decides what later steps run.
        case jobEnvironment = "job.environment"
        case runnerRegister = "runner.register"
        case runnerUpdate = "runner.update"
        case runnerUnregister = "runner.unregister"
        case runnerGroupCreate = "runner_group.create"
        case runnerGroupUpdate = "runner_group.update"
        case runnerGroupDelete = "runner_group.delete"
        case secretCreate = "secret.create"
        case secretUpdate = "secret.update"
        case secretRead = "secret.read"
        case secretDelete = "secret.delete"
        case variableCreate = "variable.create"
        case variableUpdate = "variable.update"
        case variableDelete = "variable.delete"
        case keyCreate = "key.create"
        case keyRotate = "key.rotate"
        case keyRetire = "key.retire"
        case keyRekey = "key.rekey"
        case tokenCreate = "token.create"
        case queuePause = "queue.pause"
        case queueResume = "queue.resume"
        case runPrioritize = "run.prioritize"
        case runApprove = "run.approve"
        case runReject = "run.reject"
        case jobApprove = "job.approve"
        case jobReject = "job.reject"
        case environmentCreate = "environment.create"
        case environmentUpdate = "environment.update"
        case environmentDelete = "environment.delete"
        case holdSet = "hold.set"
        case holdRelease = "hold.release"
        case retentionUpdate = "retention.update"
        case retentionPrune = "retention.prune"
        case auditExport = "audit.export"
        case databaseExport = "database.export"
        case databaseRestore = "database.restore"
        /// A database that was in use was brought to another schema.
        case migrationApply = "migration.apply"
        case authGrant = "auth.grant"
        case authRevoke = "auth.revoke"
        case authDenied = "auth.denied"

        var operation: String {
            switch self {
            case .repositoryCreate, .workflowCreate, .runCreate, .jobQueue, .runnerRegister, .secretCreate, .keyCreate,
                .variableCreate, .tokenCreate, .holdSet, .environmentCreate, .runnerGroupCreate, .authGrant:
                "create"
            case .secretRead, .auditExport, .databaseExport, .authDenied: "read"
            case .repositoryDelete, .workflowDelete, .runnerUnregister, .secretDelete, .holdRelease, .variableDelete,
                .retentionPrune, .environmentDelete, .runnerGroupDelete, .authRevoke:
                "delete"
            case .repositoryUpdate, .workflowUpdate, .runCancel, .runRerun, .jobUpdate, .jobCancel, .runnerUpdate,
                .jobEnvironment, .migrationApply, .secretUpdate, .queuePause, .queueResume, .retentionUpdate,
                .environmentUpdate, .runApprove,
                .runPrioritize, .variableUpdate, .keyRotate, .keyRetire, .keyRekey,
                .runReject, .jobApprove, .jobReject, .runnerGroupUpdate, .databaseRestore:
                "update"
            }
        }
    }

    enum ObjectKind: String {
        case repository, workflow, run, job, runner, secret, variable, key, token, queue, retention, environment, audit
        case schedule, installation, organization, grant
        case runnerGroup = "runner_group"
    }

    enum Outcome: String {
        case success, denied, failure
    }

    typealias Fields = [(String, ExpressionValue)]

    var action: Action
    var objectKind: ObjectKind
    var objectID: Int64
    var repository: RepositoryID?
    var organization: Int64?
    var outcome = Outcome.success
    /// create, read, update or delete.
    var operation: String
    var before: Fields
    var after: Fields

    init(
        _ action: Action, _ objectKind: ObjectKind, _ objectID: Int64, repository: RepositoryID? = nil,
        organization: Int64? = nil, before: Fields = [], after: Fields = []
    ) {
        self.action = action
        operation = action.operation
        self.objectKind = objectKind
        self.objectID = objectID
        self.repository = repository
        self.organization = organization
        self.before = before
        self.after = after
    }

    /// What changed, as canonical JSON (RFC 8785), what is empty left out.
    var body: String {
        let parts = [("after", after), ("before", before)].filter { !$0.1.isEmpty }.map { name, fields in
            (name, ExpressionValue.object(ExpressionObject(fields, caseSensitive: true)))
        }
        return CanonicalJSON.text(.object(ExpressionObject(parts)))
    }
}
