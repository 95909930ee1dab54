import Model
import TestSupport
import Testing

@testable import Services

/// Uploads of the same log that meet.
@Suite struct RaceLogTests {
    private static let texts = ["", " ", "plain", "\u{0}\t\r", "ümläut 🦆", String(repeating: "x", count: 3_000)]

    /// Four uploaders send all chunks, each some of them twice and in an order of its own, while two readers read.
    @Test(arguments: TestDatabase.allCases)
    func uploadsOfTheSameLogThatMeetAreByteExact(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let source = try Engine.source("on: push\njobs:\n  a: {runs-on: self-hosted, steps: [{run: a}]}\n")
            let services = Services(backend: race.backend)
            let runner = try await race.runner("one", jobs: 1)
            var generator = SeededGenerator(seed: race.seed)
            for _ in 0..<Race.scale(3, full: 40) {
                _ = try await services.runs.create(race.request(source), by: Race.principal)
                let job = try #require(try await services.queue.claim(runner, limit: 1, by: Race.principal).first)
                let (chunks, text) = Self.log(&generator)
                let id = job.execution.id
                let reads = try await race.beside {
                    let part = try await services.logs.bytes(id, from: 0, count: text.count)
                    #expect(part.elementsEqual(text.prefix(part.count)), "PLUE_TEST_SEED=\(race.seed)")
                } while: {
                    try await race.together(4) { _, generator, services in
                        let twice = chunks.filter { _ in Bool.random(using: &generator) }
                        for chunk in (chunks + twice).shuffled(using: &generator) {
                            try await services.runners.report([chunk], of: job.assignment, by: Race.principal)
                        }
                    }
                }
                #expect(reads > 1)
                var read: [UInt8] = []
                while case let more = try await services.logs.bytes(id, from: Int64(read.count), count: 100_000),
                    !more.isEmpty
                { read += more }
                #expect(read == text, "PLUE_TEST_SEED=\(race.seed)")
                let stored = try await race.numbers(
                    "SELECT count(*) AS n FROM actions_log_chunks WHERE assignment_id = \(job.assignment.id)")
                #expect(stored == [[Int64(chunks.count)]])
                try await services.runners.complete(
                    job.assignment.token, .success, outputs: [], by: Race.principal)
            }
        }
    }

    /// Chunks in order, and the text that they make.
    private static func log(_ generator: inout SeededGenerator) -> ([JobReport], [UInt8]) {
        var chunks: [JobReport] = []
        var text: [UInt8] = []
        var count: Int64 = 0
        for sequence in 0..<30 as Range<Int64> {
            let lines = (0..<Int.random(in: 1...15, using: &generator)).map { _ in
                LogLine(
                    step: 1, stream: .stdout, microseconds: count,
                    text: texts.randomElement(using: &generator) ?? "")
            }
            chunks.append(.log(sequence: sequence, firstLine: count + 1, firstByte: Int64(text.count), lines))
            count += Int64(lines.count)
            text += lines.flatMap { Array($0.text.utf8) + [10] }
        }
        return (chunks, text)
    }
}
