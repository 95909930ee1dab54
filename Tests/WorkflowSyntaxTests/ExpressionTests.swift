import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct ExpressionTests {
    private func value(_ text: String, _ contexts: [String: String] = [:]) throws -> ExpressionValue {
        var context = ExpressionContext()
        for (name, json) in contexts { context.values[name] = try ExpressionValue(json: json) }
        return try Expression(text).evaluate(in: context)
    }

    @Test(arguments: [
        ("1 && 'x' || 'y'", "x"), ("false && 1 || 'y'", "y"), ("format('{0}-{{}}', 1.50)", "1.5-{}"),
        ("1e15", "1E+15"), ("0.00001", "1E-05"), ("'A' == 'a'", "true"), ("'ß' == 'SS'", "false"),
        ("join(fromJSON('[1,2]'))", "1,2"), ("!null", "true"), ("-0", "0"), ("0x10", "16"), ("0o10", "8"),
        ("123456789012345678", "1.23456789012346E+17"), ("1.23e-7", "1.23E-07"), ("100000", "100000"),
        ("1234.5678", "1234.5678"), ("'_' > 'a'", "true"), ("null >= 0", "true"), ("NaN != NaN", "true"),
        ("case(false, 1, true, 2, 3)", "2"), ("contains('Häuser', 'ÄU')", "true"),
    ])
    func text(_ source: String, _ expected: String) throws {
        #expect(try value(source).text == expected)
    }

    @Test func absentNamesAreNull() throws {
        #expect(try value("github.event.x").kindName == "Null")
        #expect(throws: ExpressionError.self) { try Expression("foo", allowing: AllowedNames()) }
        #expect(throws: ExpressionError.self) { try value("success()") }
    }

    @Test func filtersMap() throws {
        let contexts = ["x": #"[{"a":[1,2]},{"b":0},{"a":[3]}]"#]
        #expect(try value("x.*.a", contexts).json(pretty: false) == "[[1,2],[3]]")
        #expect(try value("(x.*.a)[0]", contexts).json(pretty: false) == "[1,3]")
        #expect(try value("x.*.a.*", contexts).json(pretty: false) == "[1,2,3]")
    }

    @Test func knowsWhatItCalls() throws {
        #expect(try Expression("always() && github.x").callsStatusFunction)
        #expect(try !Expression("'always()' == env.x").callsStatusFunction)
        #expect(try Expression("GitHub.x || env['y']").contextNames == ["github", "env"])
    }

    @Test func functionsOfThePlace() throws {
        var context = ExpressionContext()
        context.functions["hashfiles"] = { arguments in .string(arguments.map(\.text).joined(separator: "+")) }
        #expect(try Expression("hashFiles('a', 'b')").evaluate(in: context).text == "a+b")
    }

    @Test(arguments: [
        #"{"a":[1,2.5,-3e2,true,null,"x\n\u00e9\ud83d\ude00"]}"#, "[]", "{}", #""""#, "0", #"[[],{}]"#,
    ])
    func jsonGoesThere(_ text: String) throws {
        let once = try ExpressionValue(json: text)
        let again = try ExpressionValue(json: once.json(pretty: true))
        #expect(once.json(pretty: false) == again.json(pretty: false))
    }

    @Test(arguments: [
        "", "[", "[1,]", "{\"a\"}", "{a:1}", "01", "1.", "nul", "\"", "\"\\x\"", "[1] 2", "'a'", "\"\u{1}\"", "+1", "-",
    ])
    func jsonIsStrict(_ text: String) {
        #expect(throws: ExpressionError.self) { try ExpressionValue(json: text) }
    }

    @Test func objectsFindKeysWithoutRegardToCase() throws {
        let pairs = (0..<100).map { ("Key\($0)", ExpressionValue.number(Double($0))) }
        let object = ExpressionObject(pairs + [("KEY7", .string("last"))])
        #expect(object.pairs.count == 100)
        #expect(object["kEy7"]?.text == "last")
        #expect(object.pairs[7].key == "Key7")
        #expect(object["key100"] == nil)
        #expect(ExpressionObject(pairs, caseSensitive: true)["key7"] == nil)
    }
}
