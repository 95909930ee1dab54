import Foundation
import Testing

/// `plue bench queue --output` and `plue bench compare` as a user types them.
@Suite struct BenchVerbTests {
    @Test func resultsAreWrittenOnceAndCompared() throws {
        let sandbox = try Sandbox()
        let folder = "\(sandbox.root)/a"
        let measure = [
            "bench", "queue", "--part", "late", "--database", "sqlite:\(sandbox.root)", "--output", folder, "--commit",
            "abc",
        ]
        func plue(_ arguments: [String]) throws -> Command.Result {
            try Command(Binary.path, arguments, in: sandbox.repository, environment: sandbox.environment).finish()
        }
        let first = try plue(measure)
        #expect(first.code == 0 && first.out.contains("late results that were refused"), "\(first)")
        for file in ["result.json", "report.html"] {
            #expect(FileManager.default.fileExists(atPath: "\(folder)/\(file)"), "\(file)")
        }
        let again = try plue(measure)
        #expect(again.code == 64 && again.err.contains("is there already"), "\(again)")
        #expect(try plue(["bench", "compare", folder, "\(folder)/result.json"]).code == 0)

        let result = try String(contentsOfFile: "\(folder)/result.json", encoding: .utf8)
        #expect(result.contains("\"faults\": 0"))
        try sandbox.write("b.json", result.replacingOccurrences(of: "\"faults\": 0", with: "\"faults\": 3"))
        let lost = try plue(["bench", "compare", folder, "b.json"])
        #expect(lost.code == 1 && lost.out.contains("out of order: 3"), "\(lost)")
        try sandbox.write("c.json", "{")
        for (file, word) in [
            ("c.json", "no JSON"), ("none.json", "there is no such file"), ("/dev/zero", "expected a file"),
        ] {
            let bad = try plue(["bench", "compare", folder, file])
            #expect(bad.code == 64 && bad.err.contains(file) && bad.err.contains(word), "\(bad)")
        }
        #expect(try plue(["bench", "compare", folder, folder, "--tolerance", "-1"]).code == 64)
        #expect(try plue(["bench", "queue", "--rate", "0"]).code == 64)
        #expect(try plue(["bench", "queue", "--part", "wal", "--database", "sqlite:/tmp"]).code == 64)
    }
}
