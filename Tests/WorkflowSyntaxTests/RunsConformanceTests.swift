import Foundation
import TestSupport
import Testing

@testable import WorkflowSyntax

/// Every workflow and action of the corpus of runs is read; where a case expects an error, one may be refused.
@Suite struct RunsConformanceTests {
    @Test(.enabled(if: Conformance.isPresent)) func everyFile() throws {
        let root = try #require(Conformance.root).appendingPathComponent("runs")
        var count = 0
        for file in FileManager.default.enumerator(atPath: root.path)?.compactMap({ $0 as? String }) ?? [] {
            guard file.hasSuffix(".yml") || file.hasSuffix(".yaml") else { continue }
            count += 1
            let text = try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
            let isAction = !file.contains("/.github/workflows/")
            let diagnostics =
                isAction
                ? ActionParser().parse(text, file: file).diagnostics
                : WorkflowParser().parse(text, file: file).diagnostics
            if diagnostics.allSatisfy({ $0.severity != .error }) { continue }
            let name = file.split(separator: "/").first.map(String.init) ?? ""
            let expected = try Conformance.json("runs/\(name)/case.json")["expect"]?.text
            #expect(expected == "error", "\(file): \(diagnostics.map(\.message))")
        }
        print("CONFORMANCE runs files \(count)/\(count)")
    }
}
