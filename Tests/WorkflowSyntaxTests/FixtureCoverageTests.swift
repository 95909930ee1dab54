import Foundation
import Testing

@testable import WorkflowSyntax

/// No code without a fixture.
@Suite struct FixtureCoverageTests {
    @Test(arguments: LintCode.allCases) func everyFindingFiresAndNearlyDoes(_ code: LintCode) throws {
        let fixtures = Fixture.all("lint")
        let near = try #require(fixtures.first { $0.name == "\(code.rawValue).near" }, "no file")
        let firing = try #require(fixtures.first { $0.name == code.rawValue }, "no file")
        #expect(firing.expected.contains { Self.code(of: $0) == code.rawValue })
        #expect(!near.expected.contains { Self.code(of: $0) == code.rawValue })
        #expect(!code.summary.isEmpty)
    }

    /// Codes of the parser stand as literals in its sources.
    @Test func everyFaultOfTheParser() throws {
        let fixtures = ["workflows/err", "workflows/ok", "workflows/calls", "actions/err"].flatMap { Fixture.all($0) }
        let shown = Set(fixtures.flatMap(\.expected).map(Self.code))
        let known = try Self.codes(in: ["YAML", "Schema", "Reading", "Calls"])
        #expect(known.count > 25, "the sources have another form")
        let missing = known.subtracting(shown).subtracting(Self.elsewhere)
        #expect(missing.isEmpty, "no fixture shows \(missing.sorted())")
        #expect(Self.elsewhere.isSubset(of: known))
    }

    /// Shown by LimitTests, and, for files of values only, by the tests of `plue run`.
    private static let elsewhere: Set = [
        "file-too-large", "yaml-depth", "yaml-aliases", "yaml-nodes", "not-a-mapping", "not-a-scalar",
    ]

    /// Of `# expect 1:2 [warning|note] CODE …`.
    private static func code(of line: String) -> String {
        let words = line.split(separator: " ")
        return words.dropFirst(3).first { $0 != "warning" && $0 != "note" }.map(String.init) ?? ""
    }

    private static func codes(in folders: [String]) throws -> Set<String> {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/WorkflowSyntax")
        let literal = /(?:code: |report\(\s*|error\(\s*|warning\(\s*)"([a-z][a-z0-9-]+)"/
        var codes: Set<String> = []
        for folder in folders {
            let url = sources.appendingPathComponent(folder)
            for name in try FileManager.default.contentsOfDirectory(atPath: url.path) {
                let text = try String(contentsOf: url.appendingPathComponent(name), encoding: .utf8)
                codes.formUnion(text.matches(of: literal).map { String($0.output.1) })
            }
        }
        return codes
    }
}
