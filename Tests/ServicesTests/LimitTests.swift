import Model
import Testing
import WorkflowSyntax

@testable import Services

/// The limits of security.md that a run meets in the database.
@Suite struct LimitTests {
    /// A matrix that another job's output makes.
    @Test(arguments: TestDatabase.allCases, [256, 257])
    func jobsOfAMatrix(_ database: TestDatabase, _ count: Int) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create(
                """
                  p: {runs-on: x, steps: [{run: a}]}
                  a: {needs: p, strategy: {matrix: {v: "${{ fromJSON(needs.p.outputs.m) }}"}}, runs-on: x, steps: [{run: a}]}
                """)
            let plan = try #require(try await engine.claim().first)
            let values = (0..<count).map(String.init).joined(separator: ",")
            try await engine.complete(plan, .success, [("m", "[\(values)]")])
            let jobs = try await engine.services.history.jobs(of: run.id).filter { $0.jobKey == "a" }
            if count == 256 {
                #expect(jobs.count == 256 && jobs.allSatisfy { $0.status == .queued && $0.matrixTotal == 256 })
                try await engine.cancel(run)
            } else {
                #expect(jobs.map(\.conclusion) == [.failure] && jobs.first?.statusReason == .expressionError)
                let message = jobs.first?.statusMessage ?? ""
                #expect(message.contains("The matrix generates more than 256 jobs"), "\(message)")
                #expect(try await engine.run(run.id).conclusion == .failure)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases) func attemptsOfARun(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create("  a: {runs-on: x, steps: [{run: a}]}\n")
            try await engine.finish()
            for attempt in 2...51 as ClosedRange<Int64> {
                #expect(try await engine.rerun(run, .all).latestAttempt == attempt)
                try await engine.finish()
            }
            let error = await #expect(throws: ServiceError.self) { try await engine.rerun(run, .all) }
            #expect(error?.code == .limit && "\(String(describing: error))".contains("50 times"))
            #expect(try await engine.run(run.id).latestAttempt == 51)
        }
    }

    /// Files of a commit that call each other: ten levels with the caller, 50 beside it.
    @Test(arguments: [(10, 1, ""), (11, 1, "nested more than 10 deep"), (2, 50, ""), (2, 51, "more than 50 workflows")])
    func calls(_ levels: Int, _ width: Int, _ refusal: String) async throws {
        var files: [String: String] = [:]
        for level in 1...levels {
            var jobs = "  z: {runs-on: x, steps: [{run: a}]}\n"
            if level < levels {
                for name in 0..<width { jobs += "  c\(name): {uses: ./.github/workflows/f\(level + 1)-\(name).yml}\n" }
            }
            for name in 0..<width {
                let event = level == 1 ? (name == 0 ? "push" : "fork") : "workflow_call"
                files[".github/workflows/f\(level)-\(name).yml"] = "on: \(event)\njobs:\n\(jobs)"
            }
        }
        try await Race.on(.sqliteMemory) { race in
            let services = Services(backend: race.backend)
            let delivered = try await services.ingestion.deliver(
                EventDelivery(
                    repository: race.repository.id, source: "test", id: "1", event: "push", payload: "{}",
                    headRef: "refs/heads/main", headSHA: String(repeating: "1", count: 40), actor: "octocat",
                    files: files), by: Race.principal)
            let run = try #require(delivered.runs.first)
            #expect(delivered.runs.count == 1)
            #expect((run.conclusion == .startupFailure) == !refusal.isEmpty, "\(run)")
            let messages = (run.diagnostics.map(DiagnosticsJSON.read) ?? []).map(\.message)
            #expect(refusal.isEmpty || messages.contains { $0.contains(refusal) }, "\(messages)")
        }
    }
}
