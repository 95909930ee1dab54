import Foundation
import Model
import Storage
import TestSupport
import Testing

@testable import PlueActions

@Suite struct LogTests {
    /// `PLUE_TEST_SEED` repeats one case.
    private static let seeds: [UInt64] = {
        if let text = ProcessInfo.processInfo.environment["PLUE_TEST_SEED"], let seed = UInt64(text) { return [seed] }
        return (0..<4).map { _ in UInt64.random(in: 0...UInt64(UInt32.max)) }
    }()

    private struct Chunk {
        var sequence: Int64
        var firstLine: Int64
        var firstByte: Int64
        var lines: [LogLine]
    }

    @Test("log chunks, shuffled and doubled, are byte-exact", arguments: ActionsDatabase.allCases, seeds)
    func shuffledChunks(_ database: ActionsDatabase, _ seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let (chunks, all) = Self.random(&generator)
        let sent = (chunks + chunks.filter { _ in Bool.random(using: &generator) }).shuffled(using: &generator)
        let text = all.flatMap { line -> [UInt8] in Array(line.text.utf8) + [10] }
        var ranges: [Range<Int64>] = []
        for _ in 0..<20 {
            let start = Int64.random(in: 0...Int64(text.count), using: &generator)
            ranges.append(start..<start + Int64.random(in: 0...5_000, using: &generator))
        }
        let lines = (0..<20).map { _ in Int64.random(in: 0...Int64(all.count), using: &generator) }
        try await Platform.with(database) { platform in
            let actions = platform.actions
            let by = Platform.user
            let runner = try await platform.runner()
            _ = try await platform.run(jobs: "  a: {runs-on: x, steps: [{run: a}]}")
            let job = try #require(try await platform.claim(runner).first)
            let id = job.execution.id
            for chunk in sent {
                try await actions.appendLog(
                    job.token, sequence: chunk.sequence, firstLine: chunk.firstLine, firstByte: chunk.firstByte,
                    chunk.lines, by: by)
                // What has not arrived is never passed over.
                let part = try await actions.readLog(id, bytes: 0..<Int64(text.count), by: by)
                #expect(part == Array(text.prefix(part.count)), "PLUE_TEST_SEED=\(seed)")
            }
            #expect(try await actions.readLog(id, bytes: 0..<Int64.max, by: by) == text, "PLUE_TEST_SEED=\(seed)")
            for range in ranges {
                let expected = Array(text.dropFirst(Int(range.lowerBound)).prefix(range.count))
                #expect(try await actions.readLog(id, bytes: range, by: by) == expected, "PLUE_TEST_SEED=\(seed)")
            }
            for line in lines {
                var read: [LogLine] = []
                while case let more = try await actions.readLog(id, afterLine: line + Int64(read.count), by: by),
                    !more.isEmpty
                { read += more }
                #expect(read == Array(all.dropFirst(Int(line))), "PLUE_TEST_SEED=\(seed)")
                #expect(
                    try await actions.readLog(id, tail: Int(line), by: by) == Array(all.suffix(Int(line))),
                    "PLUE_TEST_SEED=\(seed)")
            }
            for step: Int64 in 1...4 {
                let expected = all.filter { $0.step == step }
                #expect(try await actions.readLog(id, step: step, by: by) == expected, "PLUE_TEST_SEED=\(seed)")
                #expect(
                    try await actions.readLog(id, step: step, after: 3, by: by) == Array(expected.dropFirst(3)),
                    "PLUE_TEST_SEED=\(seed)")
            }
            try await platform.complete(job)
            #expect(
                await Platform.code {
                    try await actions.appendLog(
                        job.token, sequence: 0, firstLine: 1, firstByte: 0, chunks[0].lines, by: by)
                } == .staleAssignment)
        }
    }

    private static func random(_ generator: inout SeededGenerator) -> ([Chunk], [LogLine]) {
        let texts = ["", " ", "a b", "\u{0}\t\r", "ümläut 🦆", String(repeating: "x", count: 3_000), "1 o 2 x"]
        var chunks: [Chunk] = []
        var all: [LogLine] = []
        var byte: Int64 = 0
        for sequence in 0..<30 {
            let lines = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                LogLine(
                    step: Int64(all.count / 100 + 1), stream: .stdout, microseconds: Int64(all.count),
                    text: texts.randomElement(using: &generator) ?? "")
            }
            chunks.append(
                Chunk(sequence: Int64(sequence), firstLine: Int64(all.count + 1), firstByte: byte, lines: lines))
            all += lines
            for line in lines { byte += Int64(line.text.utf8.count) + 1 }
        }
        return (chunks, all)
    }

    @Test("steps begin and end once; their lines are found", arguments: ActionsDatabase.allCases)
    func steps(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let actions = platform.actions
            let by = Platform.user
            let runner = try await platform.runner()
            _ = try await platform.run(jobs: "  a: {runs-on: x, steps: [{run: a}]}")
            let job = try #require(try await platform.claim(runner).first)
            let time = Timestamp(microseconds: 1_700_000_000_000_000)
            #expect(
                await Platform.code {
                    try await actions.finishStep(job.token, number: 1, name: "s", .success, at: time, by: by)
                } == .illegalTransition)
            for number: Int64 in 1...2 {
                for _ in 0..<2 {
                    try await actions.startStep(job.token, number: number, name: "s\(number)", at: time, by: by)
                }
                try await actions.appendLog(
                    job.token, sequence: number - 1, firstLine: number * 2 - 1, firstByte: (number - 1) * 4,
                    ["a", "b"].map { LogLine(step: number, stream: .stdout, microseconds: 1, text: $0) }, by: by)
                try await actions.finishStep(
                    job.token, number: number, name: "s\(number)", number == 1 ? .success : .failure, exitCode: 1,
                    logFirstLine: number * 2 - 1, logLineCount: 2, at: time, by: by)
                try await actions.finishStep(
                    job.token, number: number, name: "other", .cancelled, at: time, by: by)
            }
            let steps = try await actions.getSteps(job.execution.id, by: by)
            #expect(steps.map(\.status) == [.completed, .failed] && steps.map(\.name) == ["s1", "s2"])
            #expect(try await actions.readLog(job.execution.id, step: 2, by: by).map(\.text) == ["a", "b"])
            #expect(try await actions.getJobExecution(job.execution.id, by: by).logs == "a\nb\na\nb\n")
            try await platform.complete(job, .failure)
        }
    }
}
