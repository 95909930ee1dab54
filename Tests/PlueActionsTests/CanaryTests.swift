import Model
import Storage
import Testing

@testable import PlueActions

/// Hostile texts in every text field of every call: they come back as they were, or the call is refused with a typed
/// error; nothing else happens.
@Suite struct CanaryTests {
    private static let texts: [String] = [
        "'); DROP TABLE actions_jobs;--", "\"; DROP TABLE actions_jobs;--", "a\u{0}b", "🦆 ümläut \u{202e}",
        "%_\\", "${{ secrets.X }}", "a: [b\n- c", String(repeating: "x", count: 1 << 20), "",
    ]

    @Test("canary", arguments: ActionsDatabase.allCases, texts.indices)
    func canary(_ database: ActionsDatabase, _ index: Int) async throws {
        let text = Self.texts[index]
        try await Platform.with(database) { platform in
            let actions = platform.actions
            let by = Platform.user
            let id = try #require(try await platform.workflow().id)
            let tables = try await actions.tables(matching: "actions_%")
            /// What the call gives back of the text; nil: a refusal.
            func check(_ field: String, _ body: () async throws -> String?) async {
                do {
                    let found = try await body()
                    #expect(found == text, "\(field)")
                } catch let error as ActionsError {
                    #expect(
                        [.invalidInput, .invalidWorkflow, .limit, .notFound, .conflict, .constraint].contains(
                            error.code), "\(field): \(error)")
                } catch {
                    Issue.record("\(field): \(error)")
                }
            }
            await check("principal") {
                let made = try await actions.createRepository(
                    owner: "canary", name: "principal", by: Principal(.user, text))
                return try await actions.listAuditLog(
                    AuditFilter(repository: made.id), by: by
                ).items.first?.actor.name
            }
            await check("owner") { try await actions.createRepository(owner: text, name: "a", by: by).owner }
            await check("name") { try await actions.createRepository(owner: "a", name: text, by: by).name }
            await check("branch") {
                try await actions.createRepository(owner: "a", name: "b", defaultBranch: text, by: by).defaultBranch
            }
            await check("filename") {
                try await actions.createWorkflow(
                    yaml: Platform.ci, filename: text, in: platform.repository.id, by: by
                ).filename
            }
            await check("yaml") {
                try await actions.createWorkflow(
                    yaml: text, filename: "x.yml", in: platform.repository.id, by: by
                ).yamlContent
            }
            await check("workflow name") {
                let made = try Workflow(
                    name: text, filename: "n.yml", triggers: [.push()],
                    jobs: [Job(id: "a", runsOn: "x", steps: [JobStep(run: "a")])])
                return try await actions.createWorkflow(made, in: platform.repository.id, by: by).name
            }
            let fields: [(String, WritableKeyPath<WorkflowRunRequest, String>, KeyPath<WorkflowRun, String>?)] = [
                ("event", \.event, \.triggerEvent), ("sha", \.commitSHA, \.commitSHA), ("actor", \.actor, \.actor),
                ("payload", \.payload, nil),
            ]
            for (name, field, result) in fields {
                await check(name) {
                    var request = WorkflowRunRequest(workflow: id, commitSHA: "c", actor: "o")
                    request[keyPath: field] = text
                    let run = try await actions.createWorkflowRun(request, by: by)
                    return result.map { run[keyPath: $0] }
                }
            }
            await check("run branch") {
                var request = WorkflowRunRequest(workflow: id, commitSHA: "c", branch: text, actor: "o")
                request.variables = [text: text]
                request.payload = JSONValue.object([.init("k", .string(text))]).text
                return try await actions.createWorkflowRun(request, by: by).branch
            }
            await check("inputs") {
                var request = WorkflowRunRequest(workflow: id, commitSHA: "c", actor: "o")
                request.inputs = [text: text]
                _ = try await actions.createWorkflowRun(request, by: by)
                return nil
            }
            for field in ["filename", "event", "branch", "status", "sha", "actor"] {
                var filter = WorkflowRunFilter()
                switch field {
                case "event": filter.event = text
                case "branch": filter.branch = text
                case "status": filter.status = text
                case "sha": filter.commitSHA = text
                default: filter.actor = text
                }
                let chosen = filter
                await check("filter \(field)") {
                    _ = try await actions.listWorkflowRuns(chosen, by: by)
                    return text
                }
            }
            await check("audit filter") {
                var filter = AuditFilter(objectKind: text, objectID: text)
                filter.action = text
                filter.actor = text
                return try await actions.listAuditLog(filter, by: by).items.isEmpty ? text : nil
            }
            await check("tables") { try await actions.tables(matching: text).isEmpty || text == "%_\\" ? text : nil }
            await check("indexes") { try await actions.indexes(of: text).isEmpty ? text : nil }
            await check("runner") { try await actions.registerRunner(name: text, by: by).name }
            await check("label") {
                let runner = try await actions.registerRunner(name: "l", labels: [text], by: by)
                return runner.labels.contains(text.lowercased()) ? text : nil
            }
            await check("architecture") {
                var capabilities = RunnerCapabilities(supportedArchitectures: [text])
                capabilities.version = text
                let runner = try await actions.registerRunner(name: "c", capabilities: capabilities, by: by)
                return runner.capabilities.version
            }
            try await jobs(platform, text, check)
            #expect(try await actions.tables(matching: "actions_%") == tables)
        }
    }

    private func jobs(
        _ platform: Platform, _ text: String, _ check: (String, () async throws -> String?) async -> Void
    ) async throws {
        let actions = platform.actions
        let by = Platform.user
        let run = try await platform.run(
            try await platform.workflow(Platform.ci, ".github/workflows/jobs.yml"), expanding: false)
        let runner = try await platform.runner("canary", labels: ["canary"])
        try await actions.queueJob(run.id, Job(id: "first", runsOn: "canary", steps: [JobStep(run: "a")]), by: by)
        let job = try #require(try await platform.claim(runner, 1).first)
        await check("job id") {
            try await actions.queueJob(run.id, Job(id: text, runsOn: "y", steps: [JobStep(run: "a")]), by: by)
                .first?.jobID
        }
        await check("job name") {
            let name = "n" + text
            let made = try await actions.queueJob(
                run.id, Job(id: "named", name: name, runsOn: "y", steps: [JobStep(run: "a")]), by: by)
            // The server cannot evaluate secrets: such a job fails, with its place.
            return made.first?.name == name || made.first?.status == .failed ? text : made.first?.name
        }
        await check("requirement") {
            let made = try await actions.queueJob(
                run.id, Job(id: "required", runsOn: "y", steps: [JobStep(run: "a")]), JobRequirements(labels: [text]),
                by: by)
            return made.isEmpty ? nil : text
        }
        await check("script") {
            let written = try Workflow(jobs: [
                Job(id: "a", runsOn: "y", steps: [JobStep(run: "s" + text)], environment: ["A": text])
            ])
            let script = written.jobs["a"]?.steps.first?.run
            return script == "s" + text ? text : script?.contains("format(") == true ? text : script
        }
        await check("log") {
            try await actions.appendLog(
                job.token, sequence: 0, firstLine: 1, firstByte: 0,
                [LogLine(step: 1, stream: .stdout, microseconds: 1, text: text)], by: by)
            return try await actions.readLog(job.execution.id, afterLine: 0, by: by).first?.text
        }
        await check("step") {
            try await actions.startStep(job.token, number: 1, name: text, at: Timestamp(microseconds: 1), by: by)
            try await actions.finishStep(
                job.token, number: 1, name: text, .success, at: Timestamp(microseconds: 1), by: by)
            return try await actions.getSteps(job.execution.id, by: by).first?.name
        }
        await check("annotation") {
            var annotation = Annotation(.error, text)
            annotation.title = text
            annotation.file = text
            try await actions.addAnnotation(job.token, step: 1, annotation, by: by)
            let found = try await actions.getAnnotations(job.execution.id, by: by).first
            return found == annotation ? text : found?.message
        }
        await check("summary") {
            try await actions.setSummary(job.token, step: 1, text, by: by)
            return try await actions.getSummaries(job.execution.id, by: by).first?.content
        }
        await check("outputs") {
            let ended = try await actions.completeJob(
                job.token, .success, outputs: ["k": text], message: text, by: by)
            return try JSONValue(ended.outputs)["k"] == .string(text) ? text : ended.outputs
        }
    }
}
