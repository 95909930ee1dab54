import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct HostileInputTests {
    private func diagnostics(_ text: String) -> [Diagnostic] {
        WorkflowParser().parse(text, file: "x.yml").diagnostics
    }

    @Test func nestingIsBounded() {
        let clock = ContinuousClock()
        for bracket in ["[", "{", "- ", "a: [", "? "] {
            let text = String(repeating: bracket, count: 250_000 / bracket.utf8.count)
            let time = clock.measure { #expect(!diagnostics(text).isEmpty) }
            // Without the limit of depth it takes 100 s.
            #expect(time < .seconds(15), "\(bracket): \(time)")
        }
    }

    @Test func aliasBombsAreBounded() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<10 {
            let part = [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(part)]\n"
        }
        #expect(diagnostics(text).first?.code == "yaml-nodes")
        let many = "a: &a x\nb: [" + [String](repeating: "*a", count: 2_000).joined(separator: ",") + "]\n"
        #expect(diagnostics(many).first?.code == "yaml-aliases")
        #expect(diagnostics("a: &a [*a]\n").first?.code == "yaml-anchor")
    }

    @Test(arguments: ["on: push\u{0}\n", "\u{7}", "a: b\n---\nc: d\n", "", "#\n", "[a]: b", "\t- a", "a: !!binary x"])
    func oddTextsGiveADiagnostic(_ text: String) {
        #expect(!diagnostics(text).isEmpty)
    }

    @Test func bytesThatAreNoTextGiveADiagnostic() {
        let result = WorkflowParser().parse(bytes: Array("on: push\nname: ".utf8) + [0xFF, 0xFE], file: "x.yml")
        #expect(result.diagnostics.first?.code == "not-utf8")
        #expect(result.diagnostics.first?.position == SourcePosition(line: 2, column: 7))
    }

    @Test func largeFilesAreRefused() {
        #expect(diagnostics("a: " + String(repeating: "x", count: 1 << 20)).first?.code == "file-too-large")
    }

    @Test func deepExpressionsAreRefused() {
        for text in [
            String(repeating: "(", count: 10_000), String(repeating: "!", count: 20_000) + "true",
            String(repeating: "a[", count: 7_000), String(repeating: "format(", count: 2_000),
            String(repeating: "x", count: 30_000), "github" + String(repeating: ".*", count: 10_000),
        ] {
            #expect(throws: ExpressionError.self) { try Expression(text) }
        }
        let wide = (0..<3_000).map { "\($0)" }.joined(separator: "||")
        #expect(throws: Never.self) { try Expression(wide).evaluate(in: ExpressionContext()) }
        let grouped = String(repeating: "(", count: 10_000) + "1" + String(repeating: ")", count: 10_000)
        #expect(throws: Never.self) { try Expression(grouped).evaluate(in: ExpressionContext()) }
    }

    @Test func evaluationMemoryIsBounded() throws {
        var text = "'0123456789012345678901234567890123456789'"
        for _ in 0..<20 { text = "format('{0}{0}{0}', \(text))" }
        let expression = try Expression(text)
        #expect(throws: ExpressionError.self) { try expression.evaluate(in: ExpressionContext()) }
    }

    @Test func jsonDepthIsBounded() {
        #expect(throws: ExpressionError.self) { try ExpressionValue(json: String(repeating: "[", count: 100_000)) }
    }

    @Test func largeFilesCostLinearTime() {
        let head = "on: push\njobs:\n a:\n  runs-on: x\n"
        let steps = head + "  steps:\n" + (0..<4_000).map { "  - {id: s\($0), run: x}\n  - run: y\n" }.joined()
        let cycle =
            "on: push\njobs:\n z: {runs-on: x}\n"
            + (0..<5_000).map { " j\($0): {runs-on: x, needs: j\(($0 + 1) % 5_000)}\n" }.joined()
        let keys = head + (0..<5_000).map { "  k\($0): x\n" }.joined()
        for text in [steps, cycle, keys] {
            let time = ContinuousClock().measure {
                _ = WorkflowParser(linting: true).parse(text, file: "x.yml")
            }
            // Without it they take minutes; the machine may be busy.
            #expect(time < .seconds(60), "\(time)")
        }
    }
}
