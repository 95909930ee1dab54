import Model
import Storage
import Testing
import WorkflowSyntax

@testable import Services

/// Jobs that end at the same time, and what is said twice.
@Suite struct CompletionTests {
    private static let wide = """
        on: push
        jobs:
          a: {runs-on: self-hosted, strategy: {matrix: {n: [1, 2, 3, 4, 5, 6]}, fail-fast: false}, steps: [{run: a}]}
          b: {runs-on: self-hosted, needs: a, if: always(), steps: [{run: b}]}
        """

    private static func claimed(_ race: Race, _ text: String, _ count: Int) async throws -> [JobMessage] {
        let services = Services(backend: race.backend)
        _ = try await services.runs.create(race.request(try Engine.source(text)), by: Race.principal)
        let runner = try await race.runner("r", jobs: Int64(count))
        return try await services.queue.claim(runner, limit: count, by: Race.principal)
    }

    private static func reports(of message: JobMessage) -> [JobReport] {
        let now = message.execution.startedAt?.microseconds ?? 0
        let result = StepResult(
            number: 1, name: "Run a", outcome: .success, conclusion: .success, exitCode: 0, milliseconds: 1)
        return [
            .stepStarted(number: 1, name: "Run a", contextName: "__run", action: nil, at: now),
            .log(
                sequence: 0, firstLine: 1, firstByte: 0,
                [LogLine(step: 1, stream: .stdout, microseconds: now, text: "hello")]),
            // The runner's clock was set back.
            .stepFinished(result, logFirstLine: 1, logLineCount: 1, at: now - 5),
        ]
    }

    /// Nil when the job had ended already.
    private static func end(
        _ message: JobMessage, _ word: JobConclusion, _ services: Services
    ) async throws -> (ExecutionID, JobConclusion)? {
        do {
            try await services.runners.complete(
                Completion(message.assignment.token, word, reports: (message.assignment, reports(of: message))),
                by: Race.principal)
            return (message.execution.id, word)
        } catch let error as ServiceError where error.code == .staleAssignment {
            return nil
        }
    }

    private static func failures(of token: JobToken, _ message: String, _ services: Services) async -> Int {
        do {
            try await services.runners.complete(token, .failure, message: message, by: Race.principal)
            return 0
        } catch {
            return 1
        }
    }

    /// Of two words about one job at the same time one counts, and the other is told so.
    @Test(arguments: TestDatabase.allCases)
    func aJobEndsOnceHoweverOftenItIsSaid(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let messages = try await Self.claimed(race, Self.wide, 6)
            #expect(messages.count == 6)
            let services = Services(backend: race.backend)
            let words: [JobConclusion] = [.success, .failure, .cancelled]
            let tasks = messages.flatMap { message in
                words.map { word in Task { try await Self.end(message, word, services) } }
            }
            var heard: [ExecutionID: JobConclusion] = [:]
            for task in tasks {
                guard let (id, word) = try await task.value else { continue }
                #expect(heard.updateValue(word, forKey: id) == nil)
            }
            #expect(heard.count == messages.count)
            for (id, word) in heard {
                let job = try await services.history.job(id, by: Race.principal).execution
                #expect(job.conclusion == word)
                #expect(try await services.logs.read(id).map(\.text) == ["hello"])
            }
            let runner = try await race.runner("last", jobs: 1)
            #expect(try await services.queue.claim(runner, limit: 9, by: Race.principal).map(\.job.id) == ["b"])
        }
    }

    /// What one job says does not keep the others from ending.
    @Test(arguments: TestDatabase.allCases)
    func aWordThatCannotBeStoredHarmsNoOther(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let messages = try await Self.claimed(race, Self.wide, 6)
            let services = Services(backend: race.backend)
            let tokens = messages.map(\.assignment.token)
            let tasks = tokens.enumerated().map { index, token in
                Task { await Self.failures(of: token, index == 2 ? "a NUL: \u{0}" : "plain", services) }
            }
            var failed = 0
            for task in tasks { failed += await task.value }
            let jobs = try await services.history.jobs(of: messages[0].run.id)
            let open = jobs.filter { $0.jobKey == "a" && $0.conclusion == nil }.count
            #expect(failed == open)
            #expect(failed <= 1)
        }
    }

    /// Labels that another server has just stored for the first time are seen by the next claim.
    @Test(arguments: TestDatabase.allCases)
    func aNewLabelSetOfAnotherServerIsSeen(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let (here, there) = (Services(backend: race.backend), Services(backend: race.backend))
            let runner = try await race.runner("r", jobs: 1)
            #expect(try await here.queue.claim(runner, limit: 1, by: Race.principal).isEmpty)
            let text = "on: push\njobs: {a: {runs-on: self-hosted, steps: [{run: a}]}}\n"
            _ = try await there.runs.create(race.request(try Engine.source(text)), by: Race.principal)
            #expect(try await here.queue.claim(runner, limit: 1, by: Race.principal).count == 1)
        }
    }

    /// Reports of a claim that is not the live one are not stored with an end that is refused.
    @Test(arguments: TestDatabase.allCases)
    func aLateEndStoresNothing(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let messages = try await Self.claimed(race, Self.wide, 6)
            let services = Services(backend: race.backend)
            let message = try #require(messages.first)
            var late = message.assignment
            late.fencingToken += 1
            let error = await #expect(throws: ServiceError.self) {
                try await services.runners.complete(
                    Completion(late.token, .success, reports: (late, Self.reports(of: message))), by: Race.principal)
            }
            #expect(error?.code == .staleAssignment)
            #expect(try await services.logs.read(message.execution.id).isEmpty)
            #expect(
                try await services.history.job(message.execution.id, by: Race.principal).execution.status == .inProgress
            )
        }
    }
}
