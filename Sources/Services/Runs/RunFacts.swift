internal import Model
internal import Storage
internal import Synchronization
internal import WorkflowSyntax

/// What does not change while an attempt of a run goes on, parsed: who decides about the run reads it with the rest, who
/// hands out one job after another of it keeps it.
final class RunFacts: Sendable {
    /// As it was read: its states are of that moment.
    let run: WorkflowRun
    let repository: Repository
    /// When the repository was changed last.
    let repositoryTime: Timestamp?
    let attemptID: Int64
    let attemptNumber: Int64
    /// The runner of a local run: its jobs go to nobody else.
    let boundRunner: RunnerID?
    /// Workflow versions of the files that the run calls, by path.
    let referenced: [String: Int64]
    let variables: ExpressionValue
    let inputs: ExpressionValue
    let selection: RunSelection
    private let payload: String
    private let memo = Mutex(Memo())

    private struct Memo {
        var payload: ExpressionValue?
        var github: [(String, ExpressionValue)]?
    }

    /// Of what ``RunScheduler/load(_:)`` gave. Throws ``ServiceError`` when there is no such run.
    init(_ id: RunID?, _ run: Rows, _ owner: Rows) throws {
        guard let row = run.first, let owner = owner.first else {
            throw ServiceError(.notFound, "run \(id.map { "\($0)" } ?? "")", "there is no such run")
        }
        self.run = try WorkflowRun(row)
        attemptID = try row["attempt_id"]
        attemptNumber = try row["attempt"]
        boundRunner = (try row["bound_runner"] as Int64?).map { ID($0) }
        payload = try row["event_payload"] as String? ?? "{}"
        repository = try Repository(owner)
        repositoryTime = try owner["updated_at"]
        var referenced: [String: Int64] = [:]
        if case .object(let files) = try ExpressionValue(json: row["referenced_workflows"] as String) {
            for pair in files.pairs {
                // Earlier versions wrote ./PATH.
                let file = pair.key.hasPrefix("./") ? String(pair.key.dropFirst(2)) : pair.key
                referenced[file] = Int64(pair.value.number)
            }
        }
        self.referenced = referenced
        variables = try ExpressionValue(json: self.run.variables)
        inputs = try ExpressionValue(json: self.run.inputs)
        selection = try RunSelection(json: row["selection"])
    }

    /// Of a run that is about to be stored.
    init(_ run: WorkflowRun, of request: RunRequest, attemptID: Int64, referenced: [String: Int64]) throws {
        self.run = run
        repository = request.repository
        repositoryTime = nil
        self.attemptID = attemptID
        attemptNumber = 1
        boundRunner = request.runner
        payload = request.payload
        self.referenced = referenced
        variables = try ExpressionValue(json: run.variables)
        inputs = try ExpressionValue(json: run.inputs)
        selection = request.selection
    }

    /// Whether the run executes the text of another repository.
    func isFromFork() throws -> Bool {
        PullRequestOrigin.isFork(event: run.event, payload: try event())
    }

    /// What the author of the pull request is to the repository; empty when the event does not tell.
    func authorAssociation() throws -> String {
        try event().value(at: "pull_request", "author_association")?.text ?? ""
    }

    /// The `github` context; `path` is that of the run's workflow file.
    func github(path: String) throws -> [(String, ExpressionValue)] {
        if let known = memo.withLock({ $0.github }) { return known }
        let made = GitHubContext.make(
            run: run, attempt: attemptNumber, repository: repository, workflowPath: path, payload: try event())
        memo.withLock { $0.github = made }
        return made
    }

    private func event() throws -> ExpressionValue {
        if let known = memo.withLock({ $0.payload }) { return known }
        let made = try ExpressionValue(json: payload)
        memo.withLock { $0.payload = made }
        return made
    }
}
