import Model
import Storage
import Testing
import WorkflowSyntax

@testable import Services

/// Deliveries of events: what they store and what they run.
@Suite struct IngestionTests {
    private static let ci = "on: push\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n"
    private static let path = ".github/workflows/ci.yml"

    private func delivery(
        _ id: String, _ files: [String: String]?, event: String = "push", ref: String = "refs/heads/main",
        payload: String = "{}", in race: Race
    ) -> EventDelivery {
        EventDelivery(
            repository: race.repository.id, source: "test", id: id, event: event, payload: payload, headRef: ref,
            headSHA: String(repeating: "1", count: 40), actor: "octocat", files: files)
    }

    private func state(_ path: String, _ race: Race) async throws -> String? {
        try await race.backend.read { db in
            try db.execute(
                Statement(
                    sql: "SELECT state FROM actions_workflows WHERE filename = \(db.dialect.parameter(1))",
                    parameters: [.text(path)])
            ).first?["state"]
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aPushStoresWorkflowsAndRunsThoseThatItTriggers(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            var files = [
                Self.path: Self.ci,
                ".github/workflows/pr.yml": "on: pull_request\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
                ".github/workflows/docs.yml":
                    "on: {push: {paths: ['docs/**']}}\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n",
            ]
            var push = delivery("1", files, in: race)
            push.changedFiles = ["a.swift"]
            let first = try await services.ingestion.deliver(push, by: Race.principal)
            #expect(first.runs.map(\.name) == [Self.path] && !first.isRepeated)
            #expect(
                first.skipped == [
                    .init(
                        filename: ".github/workflows/docs.yml",
                        reason: "changed file 'a.swift' is not in paths: docs/**"),
                    .init(filename: ".github/workflows/pr.yml", reason: "'push' is not in on: pull_request"),
                ])
            #expect(try await race.numbers("SELECT count(*) AS n FROM actions_job_queue") == [[1]])

            // The same content is no new version; a file that is gone is deleted, and comes back; a renamed one is new.
            files[".github/workflows/pr.yml"] = nil
            _ = try await services.ingestion.deliver(delivery("2", files, in: race), by: Race.principal)
            #expect(try await state(".github/workflows/pr.yml", race) == "deleted")
            #expect(try await race.numbers("SELECT count(*) AS n FROM actions_workflow_versions") == [[3]])
            files[".github/workflows/pr.yml"] = "on: pull_request\njobs: {b: {runs-on: x, steps: [{run: b}]}}\n"
            files[".github/workflows/renamed.yml"] = files.removeValue(forKey: Self.path)
            let third = try await services.ingestion.deliver(delivery("3", files, in: race), by: Race.principal)
            #expect(third.runs.map(\.name).contains(".github/workflows/renamed.yml"))
            #expect(try await state(Self.path, race) == "deleted")
            #expect(try await state(".github/workflows/pr.yml", race) == "active")
            let numbers = third.runs.first { $0.name == ".github/workflows/renamed.yml" }
            #expect(numbers?.runNumber == 1)

            // Another event is answered from what is stored.
            let opened = delivery(
                "4", nil, event: "pull_request", ref: "refs/pull/1/merge",
                payload: #"{"action":"opened","pull_request":{"base":{"ref":"main"}}}"#, in: race)
            let fourth = try await services.ingestion.deliver(opened, by: Race.principal)
            #expect(fourth.runs.map(\.name) == [".github/workflows/pr.yml"])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aDeliveryMakesItsRunsOnceHoweverOftenItComes(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let files = [Self.path: Self.ci, ".github/workflows/b.yml": Self.ci]
            let push = delivery("same", files, in: race)
            let results = try await withThrowingTaskGroup(of: DeliveryResult.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await Services(backend: race.backend).ingestion.deliver(push, by: Race.principal)
                    }
                }
                return try await group.reduce(into: [DeliveryResult]()) { $0.append($1) }
            }
            #expect(results.count { !$0.isRepeated } == 1)
            #expect(Set(results.map { $0.runs.map(\.id) }).count == 1 && results[0].runs.count == 2)
            #expect(try await race.numbers("SELECT count(*) AS n FROM actions_workflow_runs") == [[2]])
            #expect(try await race.numbers("SELECT count(*) AS n FROM actions_events") == [[1]])

            var other = push
            other.payload = #"{"x":1}"#
            let error = await #expect(throws: ServiceError.self) {
                try await Services(backend: race.backend).ingestion.deliver(other, by: Race.principal)
            }
            #expect(error?.code == .conflict)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whatCannotStartIsKeptWithCodeAndPlace(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let job = "jobs: {a: {runs-on: x, steps: [{run: a}]}}\n"
            let files = [
                ".github/workflows/1.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    stepz: []\n",
                ".github/workflows/2.yml": "on: push\nrun-name: ${{ fromJSON('[') }}\n\(job)",
                ".github/workflows/3.yml":
                    "on: [push, workflow_call]\njobs: {a: {uses: ./.github/workflows/3.yml}}\n",
                ".github/workflows/4.yml": "on: push\n\(job)",
            ]
            let odd = [
                ".github/workflows/nul.yml": "on: push\u{0}\n\(job)",
                ".github/workflows/long.yml": "on: push # \(String(repeating: "x", count: 1 << 20))\n\(job)",
                ".github/workflows/a@b.yml": "on: push\njobs: {a: {uses: ./.github/workflows/c.yml}}\n",
                ".github/workflows/c.yml": "on: workflow_call\n\(job)",
            ]
            let refused = try await services.ingestion.deliver(
                delivery("0", odd, ref: "refs/heads/odd", in: race), by: Race.principal)
            #expect(refused.runs.map { $0.conclusion?.rawValue } == [nil, "startup_failure", "startup_failure"])
            let jobs = try await services.history.jobs(of: refused.runs[0].id)
            #expect(Set(jobs.map(\.keyPath)) == ["a", "a/a"])
            _ = try await services.runs.cancel(refused.runs[0].id, by: Race.principal)
            let result = try await services.ingestion.deliver(delivery("1", files, in: race), by: Race.principal)
            #expect(
                result.runs.map { $0.conclusion?.rawValue } == [
                    "startup_failure", "startup_failure", "startup_failure", nil,
                ])
            #expect(result.runs.map(\.runNumber) == [1, 1, 1, 1])
            let diagnostics = result.runs.map { $0.diagnostics.map(DiagnosticsJSON.read) ?? [] }
            #expect(diagnostics[0].first?.code == "unknown-key" && diagnostics[0].first?.position.line == 5)
            #expect(diagnostics[1].first?.position == .init(line: 2, column: 11))
            #expect(diagnostics[2].first?.message == ".github/workflows/3.yml calls itself")
            #expect(diagnostics[3].isEmpty)
            for run in result.runs.dropLast() {
                #expect(run.status == .completed && run.statusReason == .invalidWorkflow && run.completedAt != nil)
            }
            #expect(try await race.numbers("SELECT count(*) AS n FROM actions_live_runs") == [[1]])
            // The broken content is known: the next push does not say it again.
            let again = try await services.ingestion.deliver(delivery("2", files, in: race), by: Race.principal)
            #expect(again.skipped.map(\.filename) == [".github/workflows/1.yml"])
            #expect(again.skipped.first?.reason.hasPrefix("it is invalid: line 5") == true)
            let stored = try await services.ingestion.deliver(
                delivery("3", nil, event: "issues", in: race), by: Race.principal)
            #expect(stored.skipped.count == 4 && stored.runs.isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func otherBranchesAndDisabledWorkflows(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            _ = try await services.ingestion.deliver(delivery("1", [Self.path: Self.ci], in: race), by: Race.principal)
            let record = try await services.workflows.get(
                filename: Self.path, in: race.repository.id, by: Race.principal)

            // What another branch holds runs there, and changes nothing of the repository's workflows.
            let topic = [
                Self.path: Self.ci.replacing("run: a", with: "run: topic"), ".github/workflows/new.yml": Self.ci,
            ]
            let branch = try await services.ingestion.deliver(
                delivery("2", topic, ref: "refs/heads/topic", in: race), by: Race.principal)
            #expect(
                branch.runs.count == 2 && branch.runs[0].runNumber == 2 && branch.runs[0].versionID != record.versionID)
            let after = try await services.workflows.get(record.id, by: Race.principal)
            #expect(after.versionID == record.versionID && after.state == .active)
            #expect(try await state(".github/workflows/new.yml", race) == "deleted")

            _ = try await services.workflows.setEnabled(record.id, false, by: Race.principal)
            let changed = [Self.path: Self.ci.replacing("run: a", with: "run: more")]
            let disabled = try await services.ingestion.deliver(delivery("3", changed, in: race), by: Race.principal)
            #expect(disabled.runs.isEmpty && disabled.skipped.map(\.reason) == ["it is disabled"])
            #expect(try await state(Self.path, race) == "disabled_manually")
            #expect(try await services.workflows.get(record.id, by: Race.principal).versionID != record.versionID)
        }
    }

    /// The versions of a commit's own files are called, not those that were stored last.
    @Test(arguments: TestDatabase.allCases)
    func callsStayWithinTheCommit(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            func files(_ word: String) -> [String: String] {
                [
                    Self.path: "on: push\njobs: {top: {uses: ./.github/workflows/called.yml}}\n",
                    ".github/workflows/called.yml":
                        "on: workflow_call\njobs: {\(word): {runs-on: x, steps: [{run: a}]}}\n",
                ]
            }
            _ = try await services.ingestion.deliver(delivery("1", files("one"), in: race), by: Race.principal)
            let topic = try await services.ingestion.deliver(
                delivery("2", files("two"), ref: "refs/heads/topic", in: race), by: Race.principal)
            let jobs = try await services.history.jobs(of: try #require(topic.runs.first).id)
            #expect(Set(jobs.map(\.jobKey)) == ["top", "two"])
        }
    }
}
