internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// The services that a simulation acts upon: as many servers as given, on one database.
struct SimulationWorld: Sendable {
    static let principal = Principal(.user, "simulation")

    /// The environments that have rules, by lower-case name.
    static let environments: [String: EnvironmentRules] = [
        "reviewed": EnvironmentRules(reviewers: ["somebody", principal.name]),
        "timed": EnvironmentRules(waitMinutes: 1),
        "both": EnvironmentRules(reviewers: [principal.name], waitMinutes: 2),
    ]
    /// A pull request of somebody new.
    private static let forkPayload =
        #"{"action":"opened","pull_request":{"head":{"repo":{"id":2}},"base":{"ref":"main","repo":{"id":1}}}}"#

    let servers: [Services]
    let repository: Repository

    init(_ servers: [Services]) async throws {
        self.servers = servers
        let services = servers[0]
        repository = try await services.workflows.repository(
            location: "/simulation", owner: "plue", name: "simulation", defaultBranch: "main", by: Self.principal)
        for (name, rules) in Self.environments {
            try await services.environments.set(name, in: repository.id, by: Self.principal) { $0 = rules }
        }
    }

    /// A runner that is online.
    func register(_ number: Int) async throws -> VirtualRunner {
        let kind = VirtualRunner.fleet[number % VirtualRunner.fleet.count]
        let name = "r\(number)"
        let registered = try await servers[0].runners.register(
            RunnerRegistration(
                name: name, labels: kind.labels, capabilities: RunnerCapabilities(maxParallelJobs: kind.maxJobs)),
            by: Self.principal)
        let runner = try await servers[0].runners.updateStatus(registered.id, .online, by: Self.principal)
        return VirtualRunner(id: runner.id, name: name, labels: kind.labels, maxJobs: kind.maxJobs)
    }

    /// Does it; every error becomes an outcome.
    func perform(
        _ action: SimulationAction, by runner: RunnerID?, on services: Services
    ) async -> SimulationOutcome {
        do {
            return try await act(action, by: runner ?? ID(0), services)
        } catch let error as ServiceError {
            return action.refusals.contains(error.code) ? .refused(error.code) : .failed("\(error.code): \(error)")
        } catch {
            return .failed("\(error)")
        }
    }

    private func act(
        _ action: SimulationAction, by runner: RunnerID, _ services: Services
    ) async throws -> SimulationOutcome {
        let principal = Self.principal
        switch action {
        case .deliver(let id, let path, let workflow, let fromFork):
            var delivery = EventDelivery(
                repository: repository.id, source: "simulation", id: id, event: fromFork ? "pull_request" : "push",
                payload: fromFork ? Self.forkPayload : "{}", headRef: "refs/heads/topic", headSHA: Self.commit,
                actor: "octocat", files: [path: workflow.text])
            if workflow.calls { delivery.files?[SimulatedWorkflow.calleePath] = SimulatedWorkflow.callee }
            let result = try await services.ingestion.deliver(delivery, by: principal)
            return .runs(result.runs.map(\.id), isRepeated: result.isRepeated)
        case .create(let path, let workflow, let priority):
            var request = try request(path, workflow)
            request.priority = priority
            let run = try await services.runs.create(request, by: principal)
            return .runs([run.id], isRepeated: false)
        case .claim(_, let limit):
            let messages = try await services.queue.claim(runner, limit: limit, by: principal)
            return .claimed(messages.map { SimulatedClaim(assignment: $0.assignment) })
        case .take(_, let job):
            let taken = try await services.queue.update(job, to: .inProgress, runner: runner, by: principal)
            return .claimed(taken.claim.map { [SimulatedClaim(assignment: $0.assignment)] } ?? [])
        case .report(let claim):
            try await services.runners.report(
                Self.reports(claim.reported + 1), of: claim.assignment, by: principal)
        case .complete(let claim, let conclusion):
            try await services.runners.complete(claim.token, conclusion, by: principal)
        case .turn(_, let claim, let conclusion):
            let next = try await services.runners.complete(
                Completion(claim.token, conclusion), thenClaimFor: runner, by: principal)
            return .turned(next.map { SimulatedClaim(assignment: $0.assignment) })
        case .renew(_, let tokens):
            return .renewed(try await services.runners.renew([runner], claims: tokens, by: principal))
        case .reap:
            // As a server's timers: what is due goes first, so that what is taken back now waits for another round.
            try await services.queue.promote()
            return .reaped(try await services.runners.reap(by: principal))
        case .cancelRun(let run): try await services.runs.cancel(run, by: principal)
        case .cancelJob(let job):
            _ = try await services.queue.update(job, to: .cancelled, runner: nil, by: principal)
        case .rerun(let run, let job, let failedOnly):
            let scope: RerunScope = job.map { .job($0) } ?? (failedOnly ? .failed : .all)
            _ = try await services.runs.rerun(run, scope, runner: nil, actor: "hubot", by: principal)
        case .prioritize(let run, let priority):
            try await services.queue.prioritize(run, priority, by: principal)
        case .review(let run, let verdict): try await services.environments.review(run, verdict, by: principal)
        case .duties:
            try await services.environments.passDue(by: principal)
            try await services.runs.endOverdue(by: principal)
        case .setDraining(_, let flag): _ = try await services.runners.setDraining(runner, flag, by: principal)
        case .setPaused(_, let flag):
            _ = try await services.runners.setPaused(runner, flag ? "maintenance" : nil, by: principal)
        }
        return .done
    }

    private static let commit = String(repeating: "0", count: 40)

    /// A step that began and ended with one line of its log.
    private static func reports(_ step: Int64) -> [JobReport] {
        let result = StepResult(
            number: step, name: "x", outcome: .success, conclusion: .success, exitCode: 0, milliseconds: 1)
        let line = LogLine(step: step, stream: .stdout, microseconds: 1, text: "x")
        return [
            .stepStarted(number: step, name: "x", contextName: "x", action: nil, at: step),
            .log(sequence: step - 1, firstLine: step, firstByte: (step - 1) * 2, [line]),
            .stepFinished(result, logFirstLine: step, logLineCount: 1, at: step),
        ]
    }

    private func request(_ path: String, _ workflow: SimulatedWorkflow) throws -> RunRequest {
        RunRequest(
            repository: repository, source: try Self.source(path, workflow.text),
            called: workflow.calls ? [try Self.source(SimulatedWorkflow.calleePath, SimulatedWorkflow.callee)] : [],
            event: "push", payload: "{}", headBranch: "topic", headRef: "refs/heads/topic", headSHA: Self.commit,
            isDirty: false, actor: "octocat", runner: nil)
    }

    private static func source(_ path: String, _ text: String) throws -> WorkflowSource {
        guard let workflow = WorkflowParser(linting: false).parse(text, file: path).workflow else {
            throw BenchmarkError("a workflow of the simulation does not parse:\n\(text)")
        }
        return WorkflowSource(path: path, text: text, workflow: workflow)
    }
}
