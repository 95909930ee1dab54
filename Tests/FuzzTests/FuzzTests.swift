import TestSupport
import Testing

@testable import Execution
@testable import WorkflowSyntax

/// What files and people can contain, mutated: never a crash, a hang or much memory.
@Suite(.serialized) struct FuzzTests {
    private static let workflow = """
        name: CI
        run-name: by ${{ github.actor }}
        on: {push: {branches: [main, '!x'], paths: ['**.md']}, schedule: [{cron: '5 4 * * MON-FRI'}],
          workflow_dispatch: {inputs: {a: {type: choice, options: [x, y], default: x}}}, workflow_call: {secrets: {s: {}}}}
        permissions: {contents: read}
        concurrency: {group: "${{ github.ref }}", cancel-in-progress: true}
        env: &e {A: 1, B: 0x1F, C: "x\\u00e9"}
        jobs:
          a:
            runs-on: [self-hosted, x]
            strategy: {matrix: {os: [a, b], include: [{os: c, n: 1.5e3}], exclude: [{os: a}]}, max-parallel: 2}
            env: *e
            outputs: {o: "${{ steps.s.outputs.o }}"}
            steps:
              - id: s
                if: success() && matrix.os != 'b'
                run: |
                  echo "o=${{ toJSON(matrix) }}" >> $GITHUB_OUTPUT
              - uses: actions/checkout@v4
                with: {ref: "${{ github.head_ref }}"}
          b: {needs: a, uses: ./.github/workflows/r.yml, with: {x: "${{ needs.a.outputs.o }}"}, secrets: inherit}

        """
    private static let syntax = [
        "${{", "}}", "&a ", "*a", "<<: ", "- ", ": ", "? ", "!!int ", "!!str ", "| \n", ">-\n", "\t", "\r\n", "---\n",
        "...",
        "{", "}", "[", "]", "'", "\"", "#", "%YAML 1.1\n", "\u{feff}", "\u{2028}", "~", "0o7", ".inf", "on:", "jobs:",
        "steps:", "uses:", "run:", "if:", "needs:", "matrix:", "include:", "success()", "fromJSON(", "github.event",
        "secrets.X", "  ", "\n",
    ]

    @Test func workflows() throws {
        try Fuzzer(name: "workflow", samples: [Self.workflow, "a", ""], words: Self.syntax).run { input in
            let result = WorkflowParser(linting: true).parse(bytes: input, file: "x.yml")
            if let workflow = result.workflow {
                _ = TriggerMatch(TriggerEvent(name: "push", ref: .branch("main"), changedFiles: ["a.md"]), workflow)
                for job in workflow.jobs { _ = try? job.strategy?.matrix?.evaluate(in: ExpressionContext()) }
            }
            return "\(result.workflow != nil) " + Set(result.diagnostics.map(\.code)).sorted().joined(separator: " ")
        }
    }

    @Test func actions() throws {
        let action = """
            name: n
            description: d
            inputs: {a: {required: true, default: "${{ github.token }}"}}
            outputs: {o: {value: "${{ steps.x.outputs.y }}"}}
            runs:
              using: composite
              steps: [{id: x, run: echo, shell: bash}, {uses: ./y, with: {a: b}}]

            """
        let words = Self.syntax + ["runs:", "using: node20", "main: x.js", "post-if: always()", "image: Dockerfile"]
        try Fuzzer(name: "action", samples: [action], words: words).run { input in
            let result = ActionParser().parse(String(decoding: input, as: UTF8.self), file: "action.yml")
            return "\(result.manifest != nil) " + Set(result.diagnostics.map(\.code)).sorted().joined(separator: " ")
        }
    }

    @Test func expressions() throws {
        let samples = [
            "github.event.pull_request.labels.*.name", "format('{0} {1:x} {{', a[0], -1.5e-3) != 'it''s'",
            "contains(fromJSON('[1, \"two\", {\"a\": null}]'), x.y['z']) && !(0x1F >= 0o7 || NaN)",
            "join(toJSON(x), ', ')", "case(true, 1, false, 2, 3)", "hashFiles('**/a', b)", "success() || failure()",
        ]
        let words = [
            "(", ")", "[", "]", ".", ".*", "[*]", ",", "!", "==", "!=", "<=", "&&", "||", "'", "''", "null", "true",
            "NaN",
            "-Infinity", "0x", "1e999", "fromJSON('", "toJSON(", "format('{0}{0}{0}', ", "join(", "x", "x.y", "x.list",
            "\u{130}", "\u{df}", "case(", "endsWith(",
        ]
        let json = #"{"y":{"z":[1,2,{"a":"b"}]},"list":["a","b","c"],"n":1.5,"t":true,"e":""}"#
        let context = ExpressionContext(
            values: ["x": try ExpressionValue(json: json), "github": .object(ExpressionObject([]))],
            functions: ["success": { _ throws(ExpressionError) in .boolean(true) }])
        try Fuzzer(name: "expression", samples: samples, words: words).run { input in
            do {
                let value = try Expression(String(decoding: input, as: UTF8.self)).evaluate(in: context)
                _ = value.json(pretty: true)
                return value.kindName
            } catch let error as ExpressionError {
                return "\(error.kind) " + error.message.prefix { !$0.isNumber && $0 != "'" }
            }
        }
    }

    @Test func patterns() throws {
        let samples = ["**/*.swift", "!docs/**", "v[0-9]+.*", "a?b+", "releases/**-alpha", "[a-z\\]]", "**", "*"]
        let words = ["**", "**/", "/", "*", "?", "+", "[", "]", "[a-", "!", "\\", "\u{e9}", "*a"]
        try Fuzzer(name: "pattern", samples: samples, words: words).run { input in
            let text = String(decoding: input, as: UTF8.self)
            let halves = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let pattern = FilterPattern(halves[0])
            let name = halves.count > 1 ? halves[1] : "Sources/a/b.swift"
            let glob = PathGlob(halves[0], base: "/base").matches("/base/" + name)
            return [
                FilterPattern.fault(of: halves[0], for: .ref), FilterPattern.fault(of: halves[0], for: .path),
                "\(pattern.matches(name)) \(glob) \(pattern.isNegated)",
            ].map { $0 ?? "" }.joined(separator: ";")
        }
    }

    @Test func schedules() throws {
        let words = ["*", "/", "-", ",", " ", "0", "59", "MON", "JAN", "31", "*/5", "7", "99"]
        let start = CronExpression.Moment(year: 2026, month: 2, day: 28, hour: 23, minute: 59)
        try Fuzzer(name: "cron", samples: ["*/5 * * * *", "0 8 1-7 JAN MON-FRI", "30 4 29 2 *"], words: words).run {
            input in
            guard let cron = CronExpression(String(decoding: input, as: UTF8.self)) else { return "none" }
            let next = cron.next(after: start)
            if let next {
                #expect(next > start && cron.matches(next), "\(String(decoding: input, as: UTF8.self))")
                if let then = cron.next(after: next) { #expect(then > next) }
            }
            return "\(cron.fires(moreOftenThanEvery: 5)) \(next.map { "\($0.month) \($0.day) \($0.hour)" } ?? "never")"
        }
    }

    @Test func timeZones() throws {
        let samples = [
            TZifFixture.berlin,
            TZifFixture.file(
                footer: "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", first: 3600,
                transitions: [(0x1020_3040, 7200), (0x2030_4050, 3600)]),
            TZifFixture.file(version: 0, first: 0, transitions: [(100, 3600)]),
        ].map { String(decoding: $0, as: Unicode.ASCII.self) }
        guard let cron = CronExpression("30 2 * * *") else { return }
        try Fuzzer(name: "zone", samples: samples, words: ["TZif2", "\0\0\0\u{1}", "\n", "M3.5.0/-167", "J365/23"]).run
        {
            input in
            do {
                let zone = try ZoneRules(tzif: input)
                let next = ScheduleOccurrences(cron, in: zone).next(after: 1_774_746_000)
                return "\(next.flatMap(zone.iso8601)?.suffix(9) ?? "never")"
            } catch let error as ZoneFileError {
                return error.reason
            }
        }
    }

    @Test func commands() throws {
        let samples = [
            "::error file=a.swift,line=1,endLine=2,title=t%3A::message%0Amore", "##[group]x", "::add-mask::s",
            "name<<EOF\nline\nEOF\nother=x\n", "::stop-commands::token",
            #"{"problemMatcher":[{"owner":"o","pattern":[{"#
                + #""regexp":"^(.*):(\\d+): (error|warning)(?:: (.+))?$","file":1,"line":2}]}]}"#,
        ]
        let words = [
            "::", "%0A", "%25", "=", ",", "<<", "EOF", "\n", "\r\n", "##[", "]", "(", ")", "(?:", "*", "+", "?",
            "{2,3}", "\\d",
            "\\b", "[^", "|", "^", "$", "\u{0}",
        ]
        try Fuzzer(name: "commands", samples: samples, words: words).run { input in
            let text = String(decoding: input, as: UTF8.self)
            let command = WorkflowCommand(text)
            let file = (try? CommandFile.parse(input)).map { "\(min($0.count, 5))" } ?? "refused"
            _ = CommandFile.paths(input)
            let matcher = (try? ProblemMatcherConfig.read(text)) != nil
            var regex = "none"
            if let program = try? RegexCompiler.compile(text) {
                regex =
                    program.firstMatch(in: "Sources/a.swift:12: error: no such thing") == nil ? "compiled" : "matched"
            }
            return "\(command?.name ?? "") \(file) \(matcher) \(regex)"
        }
    }
}
