import Foundation
import Model
import TestSupport
import Testing
import WorkflowSyntax

@testable import Services

/// Random graphs, results, orders, cancels and re-runs: every invariant holds after every transaction, every run ends,
/// and each job ran or not as the documents say.
@Suite struct PropertyTests {
    /// `PLUE_TEST_SEED` repeats one case.
    private static let seeds: [UInt64] = {
        if let text = ProcessInfo.processInfo.environment["PLUE_TEST_SEED"], let seed = UInt64(text) { return [seed] }
        return (0..<60).map { _ in UInt64.random(in: 0...UInt64(UInt32.max)) }
    }()

    @Test(arguments: seeds)
    func anyGraphInAnyOrder(_ seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let database = TestDatabase.allCases[Int(seed % UInt64(TestDatabase.allCases.count))]
        let engine: (Engine) async throws -> Void = { engine in
            try await Self.play(engine, &generator, "PLUE_TEST_SEED=\(seed)")
        }
        try await Engine.with(database, engine)
    }

    private static func play(_ engine: Engine, _ generator: inout SeededGenerator, _ seed: String) async throws {
        var workflows: [RunID: RandomWorkflow] = [:]
        var runs: [WorkflowRun] = []
        var running: [JobMessage] = []
        var again: Set<RunID> = []
        for _ in 0..<Int.random(in: 20...80, using: &generator) {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0 where runs.count < 5:
                let workflow = RandomWorkflow(using: &generator)
                let run = try await engine.create(workflow.text, called: ["c.yml": RandomWorkflow.callee])
                runs.append(run)
                workflows[run.id] = workflow
            case 1 where generator.once(in: 4):
                if let run = runs.randomElement(using: &generator) {
                    _ = try? await engine.services.runs.cancel(run.id, by: Engine.principal)
                }
            case 2 where generator.once(in: 2):
                if let run = runs.randomElement(using: &generator),
                    try await engine.run(run.id).status.isTerminal
                {
                    let scope: RerunScope =
                        [.all, .failed, .job("j0")].randomElement(using: &generator) ?? .all
                    let started = try? await engine.services.runs.rerun(
                        run.id, scope, runner: engine.runner.id, actor: "hubot", by: Engine.principal)
                    if started != nil { again.insert(run.id) }
                }
            case 3...5: running += try await engine.claim(Int.random(in: 1...3, using: &generator))
            default: try await end(&running, engine, &generator)
            }
            try await engine.check(seed)
        }
        while true {
            running += try await engine.claim(5)
            if running.isEmpty { break }
            try await end(&running, engine, &generator)
            try await engine.check(seed)
        }
        for run in runs {
            let ended = try await engine.run(run.id)
            #expect(ended.status.isTerminal, "\(seed): run \(run.id) is \(ended.status)")
            guard !again.contains(run.id), ended.cancelRequestedAt == nil, let workflow = workflows[run.id] else {
                continue
            }
            try await compare(ended, workflow, engine, seed)
        }
    }

    private static func end(
        _ running: inout [JobMessage], _ engine: Engine, _ generator: inout SeededGenerator
    ) async throws {
        guard !running.isEmpty else { return }
        let message = running.remove(at: Int.random(in: 0..<running.count, using: &generator))
        let asked = try await engine.services.runners.cancelRequests(among: [message.execution.id])
        let conclusion: JobConclusion =
            !asked.isEmpty && !generator.once(in: 4)
            ? .cancelled : generator.once(in: 4) ? .failure : generator.once(in: 12) ? .cancelled : .success
        try await engine.complete(message, conclusion)
    }

    private static func compare(
        _ run: WorkflowRun, _ workflow: RandomWorkflow, _ engine: Engine, _ seed: String
    ) async throws {
        let jobs = try await engine.services.history.jobs(of: run.id).filter { $0.parentID == nil }
        let results = workflow.jobs.indices.map { index in
            JobConclusion.combined(jobs.filter { $0.jobKey == "j\(index)" }.compactMap(\.result))
        }
        for index in workflow.jobs.indices {
            let legs = jobs.filter { $0.jobKey == "j\(index)" }
            let word = legs.map { $0.conclusion?.rawValue ?? "open" }
            switch workflow.runs(index, results: results) {
            case nil: #expect(word == ["failure"], "\(seed): run \(run.id) j\(index)\n\(workflow.text)")
            case false: #expect(word == ["skipped"], "\(seed): run \(run.id) j\(index)\n\(workflow.text)")
            case true:
                #expect(
                    legs.count == workflow.jobs[index].legs && !legs.contains { $0.statusReason == .conditionFalse },
                    "\(seed): run \(run.id) j\(index): \(word)\n\(workflow.text)")
            }
        }
    }
}
