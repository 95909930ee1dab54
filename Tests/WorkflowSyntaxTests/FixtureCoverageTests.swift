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

    /// Every key and event of the schemas stands in a file that is accepted.
    @Test func everyKeyOfTheFormat() throws {
        for (keys, folders) in [
            (SchemaKeys.workflow, ["workflows/ok", "workflows/calls", "workflows/calls/called"]),
            (SchemaKeys.action, ["actions/ok"]),
        ] {
            var used: Set<String> = []
            for fixture in folders.flatMap({ Fixture.all($0) }) {
                Self.add(try YAMLReader.read(fixture.text), to: &used)
            }
            let known = Set(keys.rows.map { String($0.path.split(separator: ".").last ?? "") })
                .filter { !$0.contains("<") && !$0.contains("*") }
            #expect(known.count > 15, "\(known)")
            // Refused, as the table of keys says.
            let missing = known.subtracting(used).subtracting(["parallel"])
            #expect(missing.isEmpty, "no fixture has \(missing.sorted())")
        }
    }

    private static func add(_ token: TemplateToken?, to used: inout Set<String>) {
        guard let token else { return }
        if case .string(let text) = token.kind { used.insert(text) }
        for pair in token.pairs {
            used.insert(pair.key.literalText ?? "")
            add(pair.value, to: &used)
        }
        for item in token.items { add(item, to: &used) }
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
