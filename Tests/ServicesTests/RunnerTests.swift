import Model
import Storage
import Synchronization
import Testing
import WorkflowSyntax

@testable import Services

/// What runners may and may not do: claims, fencing, logs.
@Suite struct RunnerTests {
    private static let wide =
        "  a: {runs-on: x, strategy: {matrix: {a: [\((1...60).map(String.init).joined(separator: ", "))]}}, steps: [{run: a}]}"

    /// The same with the token after it.
    private static func next(_ assignment: JobAssignment) -> JobAssignment {
        var copy = assignment
        copy.fencingToken += 1
        return copy
    }

    @Test(arguments: TestDatabase.allCases)
    func noJobGoesToTwo(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await engine.create(Self.wide)
            let taken = try await withThrowingTaskGroup(of: [ExecutionID].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var own: [ExecutionID] = []
                        while case let messages = try await engine.claim(2), !messages.isEmpty {
                            own += messages.map(\.execution.id)
                        }
                        return own
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(taken.count == 60 && Set(taken).count == 60)
            let assigned = try await engine.rows("SELECT DISTINCT execution_id FROM actions_job_assignments")
            #expect(assigned.count == 60)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aRunnerTakesOnlyJobsOfItsRuns(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let other = try await Engine(engine.services, location: "/r", runner: "two")
            try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            #expect(try await other.claim().isEmpty)
            #expect(try await engine.finish() == ["a"])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aStaleTokenChangesNothing(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let message = try #require(try await engine.claim().first)
            let stale = Self.next(message.assignment)
            let line = LogLine(step: 1, stream: .stdout, microseconds: 1, text: "x")
            for call in [
                {
                    try await engine.services.runners.report(
                        [.log(sequence: 0, firstLine: 1, firstByte: 0, [line])], of: stale, by: Engine.principal)
                },
                {
                    try await engine.services.runners.complete(
                        stale.token, .failure, outputs: [], by: Engine.principal)
                },
            ] as [@Sendable () async throws -> Void] {
                let error = await #expect(throws: ServiceError.self) { try await call() }
                #expect(error?.code == .staleAssignment)
            }
            #expect(try await engine.states(run) == ["a": "in_progress"])
            try await engine.complete(message)
            let twice = await #expect(throws: ServiceError.self) { try await engine.complete(message, .failure) }
            #expect(twice?.code == .staleAssignment)
            #expect(try await engine.run(run.id).conclusion == .success)
            #expect(try await engine.services.logs.read(message.execution.id).isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func logsAreByteExactAndIdempotent(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let message = try #require(try await engine.claim().first)
            let texts = [
                "", " ", "a b  c ", "\u{0}\r\t\u{1b}[1m", "ümläut 🦆", String(repeating: "x", count: 32_768), "1 o 2 x",
            ]
            let lines = (0..<700).map { number in
                LogLine(
                    step: Int64(number % 3 + 1), stream: [.stdout, .stderr, .system][number % 3],
                    microseconds: Int64(number), text: texts[number % texts.count])
            }
            var reports: [JobReport] = []
            var byte: Int64 = 0
            for (sequence, first) in stride(from: 0, to: 700, by: 7).enumerated() {
                let chunk = Array(lines[first..<first + 7])
                reports.append(
                    .log(sequence: Int64(sequence), firstLine: Int64(first + 1), firstByte: byte, chunk))
                for line in chunk { byte += Int64(line.text.utf8.count) + 1 }
            }
            for report in reports + reports.reversed() {
                try await engine.services.runners.report([report], of: message.assignment, by: Engine.principal)
            }
            var read: [LogLine] = []
            while true {
                let more = try await engine.services.logs.read(message.execution.id, after: Int64(read.count))
                if more.isEmpty { break }
                read += more
            }
            #expect(read == lines)
            #expect(try await engine.services.logs.read(message.execution.id, after: 699) == [lines[699]])
            let large = (0..<3).map { _ in
                LogLine(step: 1, stream: .stdout, microseconds: 1, text: String(repeating: "y", count: 30_000))
            }
            let error = await #expect(throws: ServiceError.self) {
                try await engine.services.runners.report(
                    [.log(sequence: 100, firstLine: 701, firstByte: 1, large)], of: message.assignment,
                    by: Engine.principal)
            }
            #expect(error?.code == .limit)
            try await engine.complete(message)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aStepThatEndedStaysAsItEnded(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let message = try #require(try await engine.claim().first)
            func ended(_ conclusion: StepConclusion, at: Int64) -> JobReport {
                .stepFinished(
                    StepResult(
                        number: 1, name: "s", outcome: conclusion, conclusion: conclusion, exitCode: 0,
                        milliseconds: 1), logFirstLine: nil, logLineCount: 0, at: at)
            }
            // The runner's clock was set back meanwhile.
            try await engine.services.runners.report(
                [
                    .stepStarted(number: 1, name: "s", contextName: "s", action: nil, at: 1_000),
                    .stepStarted(number: 1, name: "s", contextName: "s", action: nil, at: 2_000),
                    ended(.failure, at: 10), ended(.success, at: 3_000), .summary(step: 1, content: "a"),
                    .summary(step: 1, content: "b"),
                ], of: message.assignment, by: Engine.principal)
            let steps = try await engine.services.history.steps(of: message.execution.id)
            #expect(steps.map(\.conclusion) == [.failure])
            #expect(steps[0].completedAt?.microseconds == 1_000)
            let summaries = try await engine.rows("SELECT content FROM actions_summaries")
            let contents = try summaries.map { try $0["content"] as String }
            #expect(contents == ["b"])
            try await engine.complete(message)
        }
    }

    /// The database's clock jumps back and forth.
    @Test(arguments: TestDatabase.allCases)
    func aClockThatJumpsBreaksNoRule(_ database: TestDatabase) async throws {
        let ticks = Mutex<Int64>(0)
        let clock = DatabaseClock {
            ticks.withLock { ticks in
                ticks += 1
                return 1_700_000_000_000_000 + (ticks % 5 - 2) * 86_400_000_000
            }
        }
        try await Engine.with(database, clock: clock) { engine in
            for _ in 0..<20 {
                let run = try await engine.create(
                    """
                      a: {runs-on: x, strategy: {matrix: {a: [1, 2, 3]}}, steps: [{run: a}]}
                      b: {needs: a, runs-on: x, steps: [{run: a}]}
                    """)
                try await engine.finish()
                try await engine.rerun(run, .all)
                try await engine.finish(["b": .failure])
                #expect(try await engine.run(run.id).conclusion == .failure)
            }
        }
    }
}
