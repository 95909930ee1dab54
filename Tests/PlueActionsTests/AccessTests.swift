import Cryptography
import Foundation
import Model
import Storage
import Testing

@testable import PlueActions

/// Who may call what: each public operation, asked for by somebody who has no role.
@Suite struct AccessTests {
    private static let stranger = Principal(.user, "eve")

    private static func bytes(_ text: String) -> SecretBytes {
        var bytes = Array(text.utf8)
        return SecretBytes(consuming: &bytes)
    }

    private static func with(_ database: ActionsDatabase, _ body: (Platform) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plue-key-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await database.with(keyFile: folder.appendingPathComponent("root.key").path) { actions in
            let platform = try await Platform(actions, name: "cat")
            try await body(platform)
            try await platform.check()
        }
    }

    /// The operations that name a principal, as the sources declare them: how many of each name.
    private static func declared() throws -> [String: Int] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/PlueActions/Operations").standardized
        var names: [String: Int] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            for part in text.components(separatedBy: "public func ").dropFirst() {
                let signature = part.components(separatedBy: "{\n").first ?? ""
                guard signature.contains("by principal: Principal") else { continue }
                names[String(part.prefix { $0 != "(" }), default: 0] += 1
            }
        }
        return names
    }

    private typealias Call = (name: String, body: () async throws -> Void)

    @Test(arguments: ActionsDatabase.allCases)
    func everyOperationRefusesAStranger(_ database: ActionsDatabase) async throws {
        try await Self.with(database) { platform in
            let (actions, repository, eve) = (platform.actions, platform.repository.id, Self.stranger)
            let run = try await platform.run(jobs: "  a: {runs-on: x, steps: [{run: a}]}")
            let runner = try await platform.runner()
            let job = try #require(try await platform.claim(runner).first)
            let (id, token) = (job.execution.id, job.token)
            let workflow = try await actions.getWorkflow(
                filename: ".github/workflows/ci.yml", in: repository, by: Platform.user)
            let workflowID = try #require(workflow.id)
            let group = try await actions.createRunnerGroup("gpu", by: Platform.user)
            let config = try await actions.generateJITConfig(name: "once", by: Platform.user)
            try await actions.setSecret("TOKEN", Self.bytes("value"), of: .repository(repository), by: Platform.user)
            try await actions.setEnvironment("prod", EnvironmentRules(), in: repository, by: Platform.user)
            try await actions.grantRole(.admin, to: Platform.user.name, on: .installation, by: Platform.user)

            let owner = SecretOwner.repository(repository)
            let scope = RoleScope.repository(repository)
            let now = Timestamp(microseconds: 1)
            let line = LogLine(step: 1, stream: .stdout, microseconds: 0, text: "x")
            let request = WorkflowRunRequest(
                workflow: workflowID, commitSHA: "c0ffee", branch: "main", actor: "eve", actorID: nil)
            let delivery = EventDelivery(
                repository: repository, source: "test", id: "1", event: "push", headRef: "refs/heads/main",
                headSHA: String(repeating: "1", count: 40), actor: "eve")
            let definition = Job(id: "z", runsOn: RunsOn(["x"]), steps: [])
            let annotation = JobAnnotation(.error, "m")
            let refused: [Call] = [
                ("listAuditLog", { _ = try await actions.listAuditLog(by: eve) }),
                (
                    "setEnvironment",
                    { try await actions.setEnvironment("e", EnvironmentRules(), in: repository, by: eve) }
                ),
                (
                    "updateEnvironment",
                    { try await actions.updateEnvironment("prod", in: repository, by: eve) { _ in } }
                ),
                ("getEnvironment", { _ = try await actions.getEnvironment("prod", in: repository, by: eve) }),
                ("listEnvironments", { _ = try await actions.listEnvironments(in: repository, by: eve) }),
                ("deleteEnvironment", { try await actions.deleteEnvironment("prod", in: repository, by: eve) }),
                ("setForkApproval", { try await actions.setForkApproval(.never, of: repository, by: eve) }),
                ("reviewWorkflowRun", { try await actions.reviewWorkflowRun(run.id, .approved, by: eve) }),
                ("listReviews", { _ = try await actions.listReviews(of: run.id, by: eve) }),
                ("passDueJobs", { try await actions.passDueJobs(by: eve) }),
                ("deliverEvent", { _ = try await actions.deliverEvent(delivery, by: eve) }),
                ("queueWorkflowJobs", { try await actions.queueWorkflowJobs(run.id, workflow, by: eve) }),
                ("queueJob", { try await actions.queueJob(run.id, definition, by: eve) }),
                ("getQueuedJobs", { _ = try await actions.getQueuedJobs(run.id, by: eve) }),
                ("getJobExecutions", { _ = try await actions.getJobExecutions(run.id, by: eve) }),
                ("getJobExecution", { _ = try await actions.getJobExecution(id, by: eve) }),
                ("updateJobStatus", { try await actions.updateJobStatus(id, .cancelled, by: eve) }),
                ("claimJobs", { _ = try await actions.claimJobs(runner.id, by: eve) }),
                ("getCandidates", { _ = try await actions.getCandidates(for: id, by: eve) }),
                ("completeJob", { try await actions.completeJob(token, .success, by: eve) }),
                ("generateJITConfig", { _ = try await actions.generateJITConfig(name: "x", by: eve) }),
                (
                    "appendLog",
                    { try await actions.appendLog(token, sequence: 0, firstLine: 1, firstByte: 0, [line], by: eve) }
                ),
                ("readLog", { _ = try await actions.readLog(id, bytes: 0..<9, by: eve) }),
                ("readLog", { _ = try await actions.readLog(id, by: eve) }),
                ("readLog", { _ = try await actions.readLog(id, tail: 1, by: eve) }),
                ("readLog", { _ = try await actions.readLog(id, step: 1, by: eve) }),
                ("createRepository", { _ = try await actions.createRepository(owner: "e", name: "e", by: eve) }),
                ("getRepository", { _ = try await actions.getRepository(repository, by: eve) }),
                (
                    "setDefaultWorkflowPermissions",
                    { try await actions.setDefaultWorkflowPermissions(.write, of: repository, by: eve) }
                ),
                ("setArchived", { try await actions.setArchived(true, of: repository, by: eve) }),
                (
                    "setDisablesIdleSchedules",
                    { try await actions.setDisablesIdleSchedules(true, of: repository, by: eve) }
                ),
                ("deleteRepository", { try await actions.deleteRepository(repository, by: eve) }),
                ("createRunnerGroup", { _ = try await actions.createRunnerGroup("x", by: eve) }),
                (
                    "updateRunnerGroup",
                    { try await actions.updateRunnerGroup(group.id, rules: RunnerGroupRules(), by: eve) }
                ),
                (
                    "updateRunnerGroupRepositories",
                    { try await actions.updateRunnerGroupRepositories(group.id, adding: [repository], by: eve) }
                ),
                ("getRunnerGroup", { _ = try await actions.getRunnerGroup(named: "gpu", by: eve) }),
                ("listRunnerGroups", { _ = try await actions.listRunnerGroups(by: eve) }),
                ("deleteRunnerGroup", { try await actions.deleteRunnerGroup(group.id, by: eve) }),
                ("moveRunner", { try await actions.moveRunner(runner.id, to: group.id, by: eve) }),
                ("registerRunner", { _ = try await actions.registerRunner(name: "x", by: eve) }),
                ("getRunner", { _ = try await actions.getRunner(runner.id, by: eve) }),
                ("listRunners", { _ = try await actions.listRunners(by: eve) }),
                ("updateRunnerStatus", { try await actions.updateRunnerStatus(runner.id, .offline, by: eve) }),
                ("heartbeat", { try await actions.heartbeat(runner.id, by: eve) }),
                ("unregisterRunner", { try await actions.unregisterRunner(runner.id, by: eve) }),
                ("getCancelRequests", { _ = try await actions.getCancelRequests(among: [id], by: eve) }),
                ("createWorkflowRun", { _ = try await actions.createWorkflowRun(request, by: eve) }),
                ("getWorkflowRun", { _ = try await actions.getWorkflowRun(run.id, by: eve) }),
                ("cancelWorkflowRun", { try await actions.cancelWorkflowRun(run.id, by: eve) }),
                ("rerunWorkflowRun", { try await actions.rerunWorkflowRun(run.id, by: eve) }),
                ("getRunAttempts", { _ = try await actions.getRunAttempts(run.id, by: eve) }),
                ("getTransitions", { _ = try await actions.getTransitions(run.id, by: eve) }),
                ("subscribe", { for try await _ in actions.subscribe(to: run.id, by: eve) { break } }),
                ("setSecret", { try await actions.setSecret("X", Self.bytes("y"), of: owner, by: eve) }),
                ("listSecrets", { _ = try await actions.listSecrets(of: owner, by: eve) }),
                ("deleteSecret", { try await actions.deleteSecret("TOKEN", of: owner, by: eve) }),
                (
                    "setSecretGranted",
                    { try await actions.setSecretGranted(true, "TOKEN", of: 7, to: repository, by: eve) }
                ),
                ("setVariable", { try await actions.setVariable("X", "y", of: owner, by: eve) }),
                ("listVariables", { _ = try await actions.listVariables(of: owner, by: eve) }),
                ("deleteVariable", { try await actions.deleteVariable("X", of: owner, by: eve) }),
                (
                    "setVariableGranted",
                    { try await actions.setVariableGranted(true, "X", of: 7, to: repository, by: eve) }
                ),
                ("readSecrets", { _ = try await actions.readSecrets(for: token, by: eve) }),
                ("startStep", { try await actions.startStep(token, number: 1, name: "s", at: now, by: eve) }),
                (
                    "finishStep",
                    { try await actions.finishStep(token, number: 1, name: "s", .success, at: now, by: eve) }
                ),
                ("getSteps", { _ = try await actions.getSteps(id, by: eve) }),
                ("addAnnotation", { try await actions.addAnnotation(token, step: 1, annotation, by: eve) }),
                ("getAnnotations", { _ = try await actions.getAnnotations(id, by: eve) }),
                ("setSummary", { try await actions.setSummary(token, step: 1, "s", by: eve) }),
                ("getSummaries", { _ = try await actions.getSummaries(id, by: eve) }),
                (
                    "createWorkflow",
                    {
                        _ = try await actions.createWorkflow(
                            yaml: Platform.ci, filename: "a.yml", in: repository, by: eve)
                    }
                ),
                ("createWorkflow", { _ = try await actions.createWorkflow(workflow, in: repository, by: eve) }),
                ("getWorkflow", { _ = try await actions.getWorkflow(workflowID, by: eve) }),
                (
                    "getWorkflow",
                    { _ = try await actions.getWorkflow(filename: workflow.filename, in: repository, by: eve) }
                ),
                ("listWorkflows", { _ = try await actions.listWorkflows(in: repository, by: eve) }),
                ("deleteWorkflow", { try await actions.deleteWorkflow(workflowID, by: eve) }),
                ("enableWorkflow", { try await actions.enableWorkflow(workflowID, by: eve) }),
                ("disableWorkflow", { try await actions.disableWorkflow(workflowID, by: eve) }),
                ("getWorkflowJobs", { _ = try await actions.getWorkflowJobs(workflowID, by: eve) }),
                ("grantRole", { try await actions.grantRole(.read, to: "eve", on: scope, by: eve) }),
                ("revokeRole", { try await actions.revokeRole(from: "octocat", on: .installation, by: eve) }),
                ("listRoles", { _ = try await actions.listRoles(on: scope, by: eve) }),
                (
                    "explainAccess",
                    {
                        _ = try await actions.explainAccess(
                            of: Platform.user, to: .runRead, .repository(repository), by: eve)
                    }
                ),
                ("issueJobToken", { _ = try await actions.issueJobToken(for: token, by: eve) }),
            ]
            // Lists of all repositories are of those that one may see; a configuration is the right to use it.
            let others = ["listPendingReviews", "listRepositories", "listWorkflowRuns", "startJITRunner"]
            var counted = Dictionary(grouping: refused, by: \.name).mapValues(\.count)
            for name in others { counted[name] = 1 }
            #expect(try Self.declared() == counted)

            let before = try await platform.rows("SELECT count(*) AS n FROM actions_audit_log")
            for call in refused {
                #expect(await Platform.code(call.body) == .forbidden, "\(call.name)")
            }
            #expect(try await actions.listPendingReviews(by: eve).isEmpty)
            #expect(try await actions.listRepositories(by: eve).items.isEmpty)
            #expect(try await actions.listWorkflowRuns(by: eve).items.isEmpty)
            // Each left a row that says so, and nothing else was stored.
            let first: Int64 = try #require(before.first)["n"]
            let rows = try await platform.rows("SELECT outcome, actor FROM actions_audit_log ORDER BY id")
            let denied = rows.dropFirst(Int(first))
            #expect(denied.count == refused.count)
            for row in denied {
                let (outcome, actor): (String, String) = (try row["outcome"], try row["actor"])
                #expect(outcome == "denied" && actor == "eve")
            }
            // For whom it is open it is open still.
            let started = try await actions.startJITRunner(config.encodedConfig, by: Principal(.runner, "once"))
            #expect(started.id == config.runner.id)
            try await platform.complete(job)
            #expect(try await platform.get(run).status == .completed)
        }
    }

    @Test(arguments: ActionsDatabase.allCases)
    func rolesOpenWhatTheyHold(_ database: ActionsDatabase) async throws {
        try await Self.with(database) { platform in
            let (actions, root) = (platform.actions, Platform.user)
            let other = try await Platform(actions, name: "other", organization: 7)
            let run = try await platform.run(jobs: "  a: {runs-on: x, steps: [{run: a}]}")
            _ = try await other.run(jobs: "  a: {runs-on: x, steps: [{run: a}]}")
            try await actions.grantRole(.admin, to: root.name, on: .installation, by: root)
            try await actions.grantRole(.read, to: "reader", on: .repository(platform.repository.id), by: root)
            try await actions.grantRole(.write, to: "writer", on: .organization(7), by: root)
            let (reader, writer) = (Principal(.user, "Reader"), Principal(.user, "writer"))
            #expect(try await actions.listRepositories(by: reader).items.map(\.id) == [platform.repository.id])
            #expect(try await actions.listRepositories(by: writer).items.map(\.id) == [other.repository.id])
            #expect(try await actions.listWorkflowRuns(by: reader).items.map(\.id) == [run.id])
            #expect(try await actions.getWorkflowRun(run.id, by: reader).id == run.id)
            #expect(await Platform.code { try await actions.cancelWorkflowRun(run.id, by: reader) } == .forbidden)
            #expect(await Platform.code { try await actions.cancelWorkflowRun(run.id, by: writer) } == .forbidden)
            let theirs = try #require(try await actions.listWorkflowRuns(by: writer).items.first)
            try await actions.cancelWorkflowRun(theirs.id, by: writer)
            #expect(
                try await actions.explainAccess(of: reader, to: .runCancel, .run(run.id), by: reader)?.contains("write")
                    == true)
            #expect(try await actions.explainAccess(of: writer, to: .runCancel, .run(theirs.id), by: root) == nil)
            try await actions.cancelWorkflowRun(run.id, by: root)
            #expect(try await actions.listRoles(by: root).map(\.user) == ["octocat", "reader", "writer"])
            for (user, scope) in [
                ("reader", RoleScope.repository(platform.repository.id)), ("writer", .organization(7)),
            ] { #expect(try await !actions.revokeRole(from: user, on: scope, by: root)) }
            #expect(try await actions.revokeRole(from: root.name, on: .installation, by: root))
            #expect(try await actions.getWorkflowRun(run.id, by: Self.stranger).id == run.id)
        }
    }

    @Test(arguments: ActionsDatabase.allCases)
    func aJobShowsItsToken(_ database: ActionsDatabase) async throws {
        try await Self.with(database) { platform in
            let actions = platform.actions
            let run = try await platform.run(
                jobs: "  a: {runs-on: x, permissions: {actions: read}, steps: [{run: a}]}")
            let runner = try await platform.runner()
            let machine = Principal(.runner, runner.name)
            let job = try #require(try await actions.claimJobs(runner.id, by: machine).first)
            let text = try await actions.issueJobToken(for: job.token, by: machine)
            let principal = try await actions.authenticate(jobToken: text)
            #expect(try await actions.getWorkflowRun(run.id, by: principal).id == run.id)
            #expect(await Platform.code { try await actions.cancelWorkflowRun(run.id, by: principal) } == .forbidden)
            // A job that shows nothing is nobody.
            #expect(
                await Platform.code {
                    _ = try await actions.getWorkflowRun(run.id, by: Principal(.job, principal.name))
                }
                    == .forbidden)
            try await actions.completeJob(job.token, .success, by: machine)
            // Who runs again by a token is GitHub's bot, whoever started the job.
            _ = try await platform.run(jobs: "  a: {runs-on: x, permissions: {actions: write}, steps: [{run: a}]}")
            let second = try #require(try await actions.claimJobs(runner.id, by: machine).first)
            let writing = try await actions.authenticate(
                jobToken: try await actions.issueJobToken(for: second.token, by: machine))
            try await actions.rerunWorkflowRun(run.id, by: writing)
            let row = try #require(
                try await platform.rows("SELECT triggering_actor FROM actions_workflow_runs WHERE id = \(run.id)").first
            )
            #expect(try row["triggering_actor"] == "github-actions[bot]")
            try await actions.cancelWorkflowRun(run.id, by: writing)
            try await actions.completeJob(second.token, .success, by: machine)
            #expect(await Platform.code { _ = try await actions.getWorkflowRun(run.id, by: principal) } == .forbidden)
            #expect(await Platform.code { _ = try await actions.authenticate(jobToken: text) } == .forbidden)
        }
    }
}
