import TestSupport
import Testing

@testable import WorkflowSyntax

/// Short ways that must give what the long ones do.
@Suite struct FastPathTests {
    /// Of at most 15 digits, as `%.15G` rounds them.
    @Test(arguments: [
        (1.5, "1.5"), (-0.25, "-0.25"), (0.0001, "0.0001"), (0.00001, "1E-05"), (0.1 + 0.2, "0.3"),
        (1.0 / 3, "0.333333333333333"), (123456.789, "123456.789"), (99999999999999.5, "99999999999999.5"),
        (999999999999999.9, "1E+15"), (1e15, "1E+15"), (.leastNonzeroMagnitude, "4.94065645841247E-324"),
        (-100, "-100"),
    ])
    func numbersPrint(_ value: Double, _ text: String) {
        #expect(NumberText.print(value) == text)
    }

    @Test func fractionsOfJSONAreRead() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            let whole = UInt64.random(in: 0...9_999_999_999, using: &random) % UInt64.random(in: 1...10_000_000_000)
            let digits = (0..<Int.random(in: 1...12, using: &random)).map { _ in Int.random(in: 0...9, using: &random) }
            let text = "\(Bool.random(using: &random) ? "-" : "")\(whole).\(digits.map(String.init).joined())"
            guard case .number(let value) = try ExpressionValue(json: text) else {
                Issue.record("\(text) is no number, seed \(seed)")
                return
            }
            #expect(value.bitPattern == Double(text)?.bitPattern, "\(text), seed \(seed)")
        }
        for text in ["1.", "1.5.", "1.5e", "1.-", "01.5", "-.5"] {
            #expect(throws: ExpressionError.self) { try ExpressionValue(json: text) }
        }
    }

    /// The first difference decides among ASCII; beyond it, letters fold.
    @Test func textsCompareAsTheirFoldedForms() {
        let texts = [
            "", "a", "A", "ab", "aB", "b", "_", "é", "É", "aé", "AÉ", "aê", "ß", "ss", "ı", "i", "aéz", "AÉa",
            "\u{1F600}",
        ]
        for a in texts {
            for b in texts {
                let x = Array(OrdinalText.folded(a).utf16)
                let y = Array(OrdinalText.folded(b).utf16)
                #expect(OrdinalText.same(a, b) == (x == y), "\(a) \(b)")
                #expect((OrdinalText.compare(a, b) < 0) == x.lexicographicallyPrecedes(y), "\(a) \(b)")
                #expect(OrdinalText.hasPrefix(a, b) == x.starts(with: y), "\(a) \(b)")
            }
        }
    }

    @Test func keysAreFound() {
        let names = Schema.workflow.definitions.keys.sorted()
        let table = KeyTable(names)
        for (index, name) in names.enumerated() { #expect(table.index(of: name) == index) }
        for name in ["", "x", "jobz", "Jobs", "sboj", "é"] { #expect(table.index(of: name) == nil) }
        #expect(KeyTable([]).index(of: "a") == nil)
    }

    @Test func formatKeepsItsErrors() throws {
        func error(_ source: String) -> String? {
            do {
                _ = try Expression(source).evaluate(in: ExpressionContext())
                return nil
            } catch {
                return error.message
            }
        }
        #expect(try Expression("format('{0}{{{1}}}{0}', 'a', 2)").evaluate(in: ExpressionContext()).text == "a{2}a")
        #expect(error("format('{', 1)") == "The following format string is invalid: {")
        #expect(
            error("format('{0} {2}', 1, 2)")
                == "The following format string references more arguments than were supplied: {0} {2}")
        #expect(
            error("format('{0:x}', 1)") == "The format specifiers 'x' are not valid for objects of type 'Number'")
    }
}
