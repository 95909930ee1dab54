import Model
import TestSupport
import Testing

@testable import Execution

@Suite struct ProblemMatcherTests {
    private static let json = """
        {"problemMatcher": [
          {"owner": "tsc", "severity": "warning", "pattern": [
            {"regexp": "^([^\\\\s].*)\\\\((\\\\d+),(\\\\d+)\\\\):\\\\s+(?:(error)|info)\\\\s+TS(?<code>\\\\d+)\\\\s*:\\\\s*(.*)$",
             "file": 1, "line": 2, "column": 3, "severity": 4, "code": 5, "message": 6}]},
          {"owner": "eslint", "pattern": [
            {"regexp": "^([^\\\\s].*)$", "file": 1},
            {"regexp": "^\\\\s+(\\\\d+):(\\\\d+)\\\\s+(error|warning)\\\\s+(.*)$",
             "line": 1, "column": 2, "severity": 3, "message": 4, "loop": true}]}]}
        """

    /// Expression, text, groups: as ECMAScript has them.
    private static let expressions: [(String, String, [String?]?)] = [
        ("a(b)(?:c)(?<n>d)\\((?=e)[(e]", "abcd(e", ["abcd(e", "b", "d"]),
        (
            "^(.+):(\\d+):\\s*(error|warning)?:?\\s*(.*)$", "a:b:12: error: x",
            ["a:b:12: error: x", "a:b", "12", "error", "x"]
        ),
        ("^(.+?):(\\d+)(?::(\\d+))?", "a:1:2:3", ["a:1:2", "a", "1", "2"]),
        ("(a*)*b", "aab", ["aab", "aa"]), ("(?:)*x", "x", ["x"]), ("(x?)*y", "xxy", ["xxy", "x"]),
        ("a{2,3}", "caaaa", ["aaa"]), ("a{2}?b", "aab", ["aab"]), ("a{,2}", "a{,2}", ["a{,2}"]), ("a{0}b", "ab", ["b"]),
        ("[^\\s\\d]+", "1 é-", ["é-"]), ("[a\\-\\]]+", "x-]a", ["-]a"]), ("[\\w-]+", "--a", ["--a"]),
        ("[\\D]", "1x", ["x"]), ("\\bfoo\\b", "afoo foo", ["foo"]), ("(a)\\1", "aba", nil),
        ("(a)\\1", "baa", ["aa", "a"]),
        ("\\x41\\u0042\\t", "AB\t", ["AB\t"]), ("a|b(c)|", "zbc", ["", nil]), ("^(?!warn)(\\w+)$", "warning", nil),
        ("^(?!warn)(\\w+)$", "error", ["error", "error"]), ("", "x", [""]), ("é.", "é🐎", ["é🐎"]), ("$", "ab", [""]),
        ("^\\s*at (.+)$", "at ", nil),
    ]

    @Test func expressionsMatch() throws {
        for (source, text, expected) in Self.expressions {
            #expect(try RegexCompiler.compile(source).firstMatch(in: text) == expected, "\(source) in \(text)")
        }
    }

    @Test func expressionsThatAreNone() {
        for source in [
            "(a", "a)", "[a", "*a", "a**", "(?<n", "(?x)", "\\", "a{2,1}", "a{5000}", "[z-a]", "\\x4", "(?<=a)b",
        ] {
            #expect(throws: ExecutionError.self, "\(source)") { try RegexCompiler.compile(source) }
        }
        let nested = String(repeating: "(", count: 10_000)
        #expect(throws: ExecutionError.self) { try RegexCompiler.compile(nested) }
        #expect(throws: ExecutionError.self) { try RegexCompiler.compile("((((a{99}){99}){99}){99})") }
    }

    @Test func hostileExpressionsEnd() throws {
        let line = String(repeating: "a", count: 4_000) + "!"
        for source in ["^(a+)+$", "(a|a)*b", "(.*)*x", "(a?){500}a{500}$", "((a*)*)*c"] {
            #expect(try RegexCompiler.compile(source).firstMatch(in: line) == nil)
        }
    }

    @Test func annotationsOfAJob() async throws {
        let job = TestJob(files: ["m.json": Self.json, "src/a.ts": ""])
        let result = try await job.run(
            steps: """
                - run: echo '::add-matcher::m.json'
                - run: |
                    printf 'src/a.ts(3,7): \\033[31merror\\033[0m TS2304: Cannot find x\\n'
                    echo 'src/a.ts(4,1): info TS1: Hint'
                    echo 'gone.ts(1,1): error TS2: No such file'
                    echo 'src/a.ts'
                    echo '  5:2  warning  Unused'
                    echo '  6:3  error  Bad'
                    echo 'nothing of note'
                - run: |
                    echo '::remove-matcher owner=TSC::'
                    echo 'src/a.ts(9,9): error TS1: not seen any more'
                """)
        #expect(result.conclusion == .success, "\(result.log)")
        let seen = result.annotations.map { annotation in
            "\(annotation.level.rawValue) \(annotation.file ?? "-"):\(annotation.line ?? 0):\(annotation.column ?? 0) \(annotation.message)"
        }
        #expect(
            seen == [
                "error src/a.ts:3:7 Cannot find x", "warning src/a.ts:4:1 Hint", "error -:1:1 No such file",
                "warning src/a.ts:5:2 Unused", "error src/a.ts:6:3 Bad",
            ])
        #expect(result.log.contains("##[error]src/a.ts(3,7): error TS2304: Cannot find x"))
    }

    @Test func whatCannotBeReadFailsTheStep() async throws {
        let job = TestJob(files: ["bad.json": "{", "regexp.json": Self.json.replacing("(?:", with: "(*")])
        for file in ["bad.json", "regexp.json", "none.json", "/dev/zero"] {
            let result = try await job.run(steps: "- run: echo '::add-matcher::\(file)'")
            #expect(result.conclusion == .failure, "\(file)")
        }
    }

    @Test func noMatcherCostsNothing() {
        let active = ActiveMatchers([], workspace: "/w")
        let time = ContinuousClock().measure {
            for _ in 0..<1_000_000 where !active.isEmpty { Issue.record("there is none") }
        }
        print("COST of no problem matcher: \(time / 1_000_000) a line")
    }
}
