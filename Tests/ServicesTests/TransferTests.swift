import Hashing
import Model
import Storage
import Synchronization
import Testing

@testable import Services

/// A database as text and back: nothing is lost, whichever database reads it.
@Suite struct TransferTests {
    private final class Lines: Sendable {
        let text = Mutex<[[UInt8]]>([])

        func sink(_ line: [UInt8], _ isFirst: Bool) {
            text.withLock { text in
                if isFirst { text = [] }
                text.append(line)
            }
        }

        var all: [[UInt8]] { text.withLock { $0 } }
    }

    private static let migration = "0004_ingestion"

    private func export(_ services: Services) async throws -> [[UInt8]] {
        let lines = Lines()
        _ = try await services.transfer.export(migration: Self.migration) { lines.sink($0, $1) }
        return lines.all
    }

    @discardableResult
    private func load(_ lines: [[UInt8]], into services: Services) async throws -> [TableDigest] {
        try await services.transfer.import(migration: Self.migration) {
            lines.map { Array($0.dropLast()) }.makeIterator()
        }
    }

    /// Runs with legs, groups, calls, an open job, a log with odd bytes, a re-run.
    private func fill(_ engine: Engine) async throws {
        let run = try await engine.create(
            """
              a: {runs-on: x, strategy: {matrix: {n: [1, 2, "\\"'; --\\u00e9"]}}, steps: [{run: a}]}
              b: {runs-on: x, needs: a, concurrency: g, steps: [{run: b}]}
              c: {uses: ./.github/workflows/c.yml}
            """, called: ["c.yml": "on: workflow_call\njobs:\n  d: {runs-on: y, steps: [{run: d}]}"])
        for message in try await engine.claim(2) {
            try await engine.services.runners.report(
                [
                    .stepStarted(number: 1, name: "é'\"\\", contextName: "a", action: nil, at: 5),
                    .log(
                        sequence: 0, firstLine: 1, firstByte: 0,
                        [LogLine(step: 1, stream: .stdout, microseconds: 7, text: "\u{1b}[1m\u{1} \u{10ffff}")]),
                    .summary(step: 1, content: String(repeating: "é", count: 5000)),
                ], of: message.assignment, by: Engine.principal)
            try await engine.complete(message, .success, [("o", "line\nbreak \u{2028}")])
        }
        try await engine.finish(["b": .failure])
        _ = try await engine.rerun(run, .failed)
        try await engine.create("  open: {runs-on: x, steps: [{run: a}]}")
    }

    @Test(arguments: TestDatabase.allCases, TestDatabase.allCases)
    func nothingIsLost(_ source: TestDatabase, _ target: TestDatabase) async throws {
        try await Engine.with(source) { engine in
            try await fill(engine)
            let lines = try await export(engine.services)
            try await target.with { backend in
                let services = try await Services.open(backend, migrations: target.migrations)
                let stored = try await load(lines, into: services)
                #expect(try await stored == engine.services.transfer.digests())
                #expect(try await export(services) == lines)
                #expect(try await services.doctor.check().isEmpty)
                // New rows follow the old ones.
                let other = try await Engine(services, location: "/other")
                try await other.create("  next: {runs-on: x, steps: [{run: a}]}")
                try await other.finish()
                // A database that holds something is not written over.
                let error = await #expect(throws: ServiceError.self) { try await load(lines, into: services) }
                #expect(error?.code == .conflict)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func damagedFilesAreRefused(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await fill(engine)
            let lines = try await export(engine.services)
            let row = try #require(
                lines.indices.first { String(decoding: lines[$0], as: UTF8.self).contains("\"main\"") })
            var edited = lines
            edited[row] = Array(String(decoding: lines[row], as: UTF8.self).replacing("main", with: "mine").utf8)
            var shortened = lines
            shortened.remove(at: row)
            var older = lines
            older[0] = Array(#"{"plue":"export","format":1,"migration":"0001_runs"}"#.utf8) + [10]
            var broken = lines
            broken[row] = Array("[1,2\n".utf8)
            let damaged: [[[UInt8]]] = [
                edited, shortened, older, broken, Array(lines.dropLast()), Array(lines.prefix(row)), [], [[10]],
                [Array("{}\n".utf8)],
            ]
            try await database.with { backend in
                let services = try await Services.open(backend, migrations: database.migrations)
                for lines in damaged {
                    await #expect(throws: ServiceError.self) { try await load(lines, into: services) }
                    #expect(try await services.transfer.digests().allSatisfy { $0.rows == 0 })
                }
                try await load(lines, into: services)
            }
        }
    }

    /// Where it is, and what to do.
    @Test(arguments: TestDatabase.allCases)
    func errorsNameTheLine(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await fill(engine)
            let lines = try await export(engine.services)
            let count = lines.count
            let row = try #require(lines.indices.first { lines[$0].first == UInt8(ascii: "[") })
            func header(_ text: String) -> [[UInt8]] { [Array((text + "\n").utf8)] + lines.dropFirst() }
            /// The first row's id replaced, with a digest that is right.
            func replacingID(_ id: String) throws -> [[UInt8]] {
                let table = try #require(lines[..<row].last)
                let end = try #require(lines[row...].firstIndex { $0.first == UInt8(ascii: "{") })
                var rows = Array(lines[row..<end])
                let rest = rows[0].drop { $0 != UInt8(ascii: ",") }
                rows[0] = Array("[\(id)".utf8) + rest
                let name = try #require(
                    String(decoding: table, as: UTF8.self).split(separator: "\"").dropFirst(3).first)
                let hash = SHA256.hex(of: rows.map { String(decoding: $0, as: UTF8.self) }.joined())
                let last = Array(#"{"end":"\#(name)","rows":\#(rows.count),"sha256":"\#(hash)"}"#.utf8) + [10]
                return Array(lines[..<row]) + rows + [last] + lines[(end + 1)...]
            }
            let second = String(decoding: lines[row + 1].dropFirst().prefix { $0 != UInt8(ascii: ",") }, as: UTF8.self)
            let cases: [([[UInt8]], String)] = [
                (lines + [Array("\n".utf8)], "line \(count + 1) of the export: there is text after the end"),
                (lines + lines, "line \(count + 1) of the export: there is text after the end"),
                (Array(lines.dropLast()), "line \(count - 1) of the export: the file ends here"),
                (
                    Array(lines.dropLast()) + [Array(#"{"end":"exp"#.utf8) + [10]],
                    "line \(count) of the export: it is no JSON"
                ),
                ([], "the export: it is empty"),
                ([lines[0], Array(repeating: 32, count: 64 << 20 + 2)], "line 2 of the export: it is over 64 MiB"),
                ([lines[0]] + lines[row...], "line 2 of the export: a row outside"),
                (
                    header(#"{"plue":"export","format":2,"migration":"x"}"#),
                    "line 1 of the export: the export has format 2, not 1: use a newer plue"
                ),
                (
                    header(#"{"plue":"export","format":1,"migration":"0099_more"}"#),
                    "at \(Self.migration): use a newer plue"
                ),
                (header(#"{"plue":"export","format":1,"migration":"0001_runs"}"#), "export with this version of plue"),
                (try replacingID("1,1"), "line \(row + 1) of the export: a row of"),
                (try replacingID("\"x\""), "line \(row + 1) of the export: the value"),
                (try replacingID(second), "does not take the rows of lines \(row + 1) to"),
            ]
            try await database.with { backend in
                let services = try await Services.open(backend, migrations: database.migrations)
                for (lines, expected) in cases {
                    await #expect { try await load(lines, into: services) } throws: { error in
                        let isNamed = error is ServiceError && "\(error)".contains(expected)
                        if !isNamed { print("expected \(expected), found \(error)") }
                        return isNamed
                    }
                    #expect(try await services.transfer.digests().allSatisfy { $0.rows == 0 })
                }
            }
        }
    }
}
