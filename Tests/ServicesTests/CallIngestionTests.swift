import Model
import Storage
import Synchronization
import Testing
import WorkflowSyntax

@testable import Services

/// Calls of reusable workflows as a delivery finds them: files of other repositories, and what cannot be called.
@Suite struct CallIngestionTests {
    private static let path = ".github/workflows/ci.yml"
    private static let job = "jobs: {a: {runs-on: x, steps: [{run: a}]}}\n"

    /// Other repositories: text by `OWNER/NAME/PATH@REF`.
    private final class Library: RemoteWorkflowReader {
        let texts: [String: String]
        let asked = Mutex<[String]>([])

        init(_ texts: [String: String]) {
            self.texts = texts
        }

        func workflow(_ reference: RemoteReference, calledBy repository: RepositoryID) async throws -> String? {
            let name = reference.text(path: reference.path)
            asked.withLock { $0.append(name) }
            return texts[name]
        }
    }

    private func deliver(
        _ files: [String: String]?, _ library: Library? = nil, id: String = "1", event: String = "push",
        payload: String = "{}", to race: Race
    ) async throws -> DeliveryResult {
        let delivery = EventDelivery(
            repository: race.repository.id, source: "test", id: id, event: event, payload: payload,
            headRef: "refs/heads/main", headSHA: String(repeating: "1", count: 40), actor: "octocat", files: files)
        return try await Services(backend: race.backend).ingestion.deliver(
            delivery, resolver: library, by: Race.principal)
    }

    private func faults(_ result: DeliveryResult) -> [String] {
        result.runs.map { run in
            (run.diagnostics.map(DiagnosticsJSON.read) ?? []).map {
                "\($0.position.line):\($0.position.column) \($0.message)"
            }.joined(separator: "\n")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func filesOfOtherRepositoriesAreReadAndStored(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let library = Library([
                "acme/lib/.github/workflows/outer.yml@v1":
                    "on: workflow_call\njobs: {o: {uses: ./.github/workflows/inner.yml}}\n",
                "acme/lib/.github/workflows/inner.yml@v1":
                    "on: workflow_call\njobs: {i: {runs-on: self-hosted, steps: [{run: a}]}}\n",
            ])
            let files = [
                Self.path: "on: [push, issues]\njobs: {top: {uses: acme/lib/.github/workflows/outer.yml@v1}}\n"
            ]
            let first = try await deliver(files, library, to: race)
            #expect(faults(first) == [""])
            let services = Services(backend: race.backend)
            let keys = try await services.history.jobs(of: first.runs[0].id).map(\.keyPath)
            #expect(Set(keys) == ["top", "top/o", "top/o/i"])
            // An event without files reads them again: a branch of the other repository may have moved.
            let second = try await deliver(nil, library, id: "2", event: "issues", to: race)
            #expect(faults(second) == [""])
            #expect(library.asked.withLock { $0.count } == 4)
            // A run of the stored version needs no reader any more.
            let runner = try await race.runner("r", jobs: 4)
            let claimed = try await services.queue.claim(runner, limit: 4, by: Race.principal)
            #expect(
                claimed.map(\.workflow.file) == Array(repeating: "acme/lib/.github/workflows/inner.yml@v1", count: 2))
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func callsThatCannotBeMadeKeepTheRunFromStarting(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let called = "on: {workflow_call: {inputs: {n: {type: number, required: true}}}}\n"
            let cases: [(call: String, others: [String: String], fault: String)] = [
                (
                    "{uses: acme/lib/.github/workflows/x.yml@v1}", [:],
                    "2:18 acme/lib/.github/workflows/x.yml@v1: the workflow was not found, or this repository may not "
                        + "use it"
                ),
                (
                    "{uses: ./.github/workflows/x.yml}", [:],
                    "2:18 ./.github/workflows/x.yml: the workflow was not found"
                ),
                (
                    "{uses: ./.github/workflows/x.yml}", ["x": "on: workflow_call\njobs: 1\n"],
                    "2:18 ./.github/workflows/x.yml is invalid: .github/workflows/x.yml:2:7: "
                ),
                (
                    "{uses: ./.github/workflows/x.yml}", ["x": called + Self.job],
                    "2:18 Input n is required, but not provided while calling."
                ),
                (
                    "{uses: ./.github/workflows/x.yml, with: {n: 1}}",
                    ["x": called + "permissions: {issues: write}\n" + Self.job],
                    "2:8 Error calling workflow './.github/workflows/x.yml'. The workflow "
                        + "'./.github/workflows/x.yml' is requesting 'issues: write', but is only allowed 'issues: none'."
                ),
            ]
            for (index, (call, others, fault)) in cases.enumerated() {
                var files = [Self.path: "on: push\njobs: {a: \(call)}\n"]
                for (name, text) in others { files[".github/workflows/\(name).yml"] = text }
                let result = try await deliver(files, Library([:]), id: "\(index)", to: race)
                let run = try #require(result.runs.first)
                #expect(run.conclusion == .startupFailure)
                #expect(faults(result)[0].hasPrefix(fault), "\(faults(result)[0])")
            }
        }
    }

    /// Nine levels of files whose ten jobs each call the next one would be 10⁹ jobs.
    @Test func callsThatMultiplyAreRefused() async throws {
        try await Race.on(.sqliteMemory) { race in
            var files: [String: String] = [:]
            for level in 0..<10 {
                let next =
                    level == 9 ? "{runs-on: x, steps: [{run: a}]}" : "{uses: ./.github/workflows/\(level + 1).yml}"
                let jobs = (0..<10).map { "  j\($0): \(next)\n" }.joined()
                files[".github/workflows/\(level).yml"] = "on: \(level == 0 ? "push" : "workflow_call")\njobs:\n\(jobs)"
            }
            let result = try await deliver(files, to: race)
            #expect(result.runs[0].conclusion == .startupFailure)
            #expect(faults(result)[0].hasSuffix("the run has more than 10000 jobs"))
        }
    }

    /// Matrices grow when a run is there: the job that would pass the limit fails, the run ends.
    @Test func callsThatMultiplyByMatricesFail() async throws {
        try await Race.on(.sqliteMemory) { race in
            let list = (0..<200).map(String.init).joined(separator: ",")
            let matrix = "strategy: {fail-fast: false, matrix: {n: [\(list)]}}"
            let files = [
                Self.path: "on: push\njobs: {a: {uses: ./.github/workflows/b.yml, \(matrix)}}\n",
                ".github/workflows/b.yml":
                    "on: workflow_call\njobs: {b: {runs-on: x, steps: [{run: a}], \(matrix)}}\n",
            ]
            let run = try #require(try await deliver(files, to: race).runs.first)
            let counts = try await race.numbers(
                "SELECT count(*) AS n FROM actions_job_executions WHERE job_key = 'b' AND conclusion IS NULL")
            #expect(counts[0][0] <= 10_000 && counts[0][0] > 9_000)
            let jobs = try await Services(backend: race.backend).history.jobs(of: run.id)
            #expect(jobs.contains { $0.statusMessage?.hasSuffix("the run would have more than 10000 jobs") == true })
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func tokensMayDoWhatFilesAndPolicySay(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let runner = try await race.runner("r", jobs: 8)
            let files = [
                Self.path: """
                on: [push, pull_request]
                jobs:
                  own: {runs-on: self-hosted, permissions: {issues: write}, steps: [{run: a}]}
                  plain: {runs-on: self-hosted, steps: [{run: a}]}
                  call: {uses: ./.github/workflows/b.yml, permissions: {issues: read, contents: write}}
                """,
                ".github/workflows/b.yml": """
                on: workflow_call
                jobs:
                  less: {runs-on: self-hosted, permissions: {contents: read}, steps: [{run: a}]}
                  same: {runs-on: self-hosted, steps: [{run: a}]}
                """,
            ]
            func granted() async throws -> [String: String] {
                let claimed = try await services.queue.claim(runner, limit: 8, by: Race.principal)
                return Dictionary(
                    uniqueKeysWithValues: claimed.map { message in
                        let scopes = message.permissions.granted.map { "\($0.scope): \($0.level.rawValue)" }
                        return (message.execution.jobKey, scopes.joined(separator: ", "))
                    })
            }
            _ = try await deliver(files, to: race)
            #expect(
                try await granted() == [
                    "own": "issues: write", "plain": "contents: read, packages: read", "less": "contents: read",
                    "same": "contents: write, issues: read",
                ])
            // A pull request of a fork reads.
            let fork = """
                {"action":"opened","pull_request":{"base":{"ref":"main","repo":{"id":1}},
                "head":{"ref":"x","repo":{"id":2,"fork":true}}}}
                """
            _ = try await services.repositories.setForkApproval(
                .never, of: race.repository.id, by: Race.principal)
            _ = try await deliver(nil, id: "2", event: "pull_request", payload: fork, to: race)
            #expect(
                try await granted() == [
                    "own": "issues: read", "plain": "contents: read, packages: read", "less": "contents: read",
                    "same": "contents: read, issues: read",
                ])
            let other = try await race.runner("s", jobs: 8)
            let repository = try await services.repositories.setDefaultWorkflowPermissions(
                .write, of: race.repository.id, by: Race.principal)
            #expect(repository.defaultWorkflowPermissions == .write)
            _ = try await deliver(nil, id: "3", event: "push", to: race)
            let claimed = try await services.queue.claim(other, limit: 8, by: Race.principal)
            let plain = try #require(claimed.first { $0.execution.jobKey == "plain" })
            #expect(plain.permissions["issues"] == .write && plain.permissions["id-token"] == .none)
        }
    }
}
