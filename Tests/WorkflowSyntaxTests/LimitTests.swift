import Testing

@testable import WorkflowSyntax

/// The limits of security.md: what has just the size is taken, what has one more is refused with its name.
@Suite struct LimitTests {
    struct Limit: Sendable, CustomTestStringConvertible {
        var name: String
        var value: Int
        var code: String
        var message: String
        /// Where, with one more.
        var place = ""
        /// A workflow file that has so much of it.
        var text: @Sendable (Int) -> String

        var testDescription: String { name }
    }

    private static let head = "on: push\njobs: {a: {runs-on: x}}\n"

    /// A file whose one vector has these items.
    private static func matrix(_ items: String) -> String {
        "on: push\njobs: {a: {runs-on: x, strategy: {matrix: {v: [\(items)]}}}}\n"
    }

    private static func repeated(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    private static let limits = [
        Limit(
            name: "bytes of a file", value: 1 << 20, code: "file-too-large",
            message: "Maximum file size of 1048576 bytes exceeded", place: "1:1"
        ) { "\(head)#" + repeated("x", $0 - head.utf8.count - 1) },
        Limit(
            name: "bytes of a file that are no characters", value: 1 << 20, code: "file-too-large",
            message: "Maximum file size of 1048576 bytes exceeded", place: "1:1"
        ) { size in
            let rest = size - head.utf8.count - 2
            return "\(head)# " + repeated("é", rest / 2) + repeated("x", rest % 2)
        },
        Limit(
            name: "depth", value: 50, code: "yaml-depth", message: "Maximum object depth exceeded", place: "2:92"
        ) { matrix(repeated("[", $0 - 6) + repeated("]", $0 - 6)) },
        Limit(
            name: "depth through an alias", value: 50, code: "yaml-depth", message: "Maximum object depth exceeded"
        ) {
            matrix("&a \(repeated("[", 22))\(repeated("]", 22)), \(repeated("[", $0 - 28))*a\(repeated("]", $0 - 28))")
        },
        Limit(name: "aliases", value: 1_000, code: "yaml-aliases", message: "More than 1000 aliases") {
            matrix("&a x" + repeated(", *a", $0))
        },
        Limit(
            name: "nodes", value: 100_000, code: "yaml-nodes", message: "Maximum of 100000 nodes exceeded"
        ) { matrix("x" + repeated(",x", $0 - 16)) },
        Limit(
            name: "nodes through aliases", value: 100_000, code: "yaml-nodes",
            message: "Maximum of 100000 nodes exceeded"
        ) { matrix("&a [\(repeated("x,", 998))]" + repeated(",*a", 99) + repeated(",x", $0 - 15 - 100 * 999)) },
        Limit(
            name: "documents", value: 1, code: "yaml-documents", message: "Only one document is allowed in a file"
        ) { repeated("---\n\(head)", $0) },
        Limit(
            name: "characters of an expression", value: 21_000, code: "expression",
            message: "Exceeded max expression length 21000"
        ) { "\(head)env: {A: \"${{ '\(repeated("x", $0 - 2))' }}\"}\n" },
        Limit(
            name: "depth of an expression", value: 50, code: "expression",
            message: "Exceeded max expression depth 50"
        ) { "\(head)env: {A: '${{ \(repeated("!", $0 - 1))true }}'}\n" },
        Limit(
            name: "depth of calls in an expression", value: 50, code: "expression",
            message: "Exceeded max expression depth 50"
        ) { "\(head)env: {A: '${{ \(repeated("toJSON(", $0 - 1))1\(repeated(")", $0 - 1)) }}'}\n" },
        Limit(
            name: "arguments", value: 255, code: "expression", message: "Too many parameters supplied: 'format'"
        ) { "\(head)env: {A: \"${{ format('x'\(repeated(", 1", $0 - 1))) }}\"}\n" },
        Limit(
            name: "expressions in a text", value: 254, code: "expression",
            message: "Too many parameters supplied: 'format'"
        ) { "\(head)env: {A: '\(repeated("${{ 1 }}", $0))'}\n" },
    ]

    @Test(arguments: limits) func isHeld(_ limit: Limit) throws {
        for size in [limit.value - 1, limit.value] where size > 0 {
            let result = WorkflowParser(linting: true).parse(limit.text(size), file: "a.yml")
            #expect(result.workflow != nil, "\(size): \(result.diagnostics.first?.message ?? "")")
        }
        let result = WorkflowParser(linting: true).parse(limit.text(limit.value + 1), file: "a.yml")
        #expect(result.workflow == nil && result.diagnostics.count == 1)
        let found = try #require(result.diagnostics.first)
        #expect(found.code == limit.code && found.message.hasPrefix(limit.message), "\(found.code) \(found.message)")
        #expect(limit.place.isEmpty || "\(found.position.line):\(found.position.column)" == limit.place)
    }

    /// Refused at the first that is too deep, whatever follows.
    @Test func bracketsAndBombs() throws {
        let brackets = WorkflowParser().parse(Self.repeated("[", 250_000), file: "a.yml").diagnostics
        #expect(Fixture.lines(brackets) == ["# expect 1:51 yaml-depth Maximum object depth exceeded"])
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            bomb += "a\(level): &a\(level) [\(Self.repeated("*a\(level - 1),", 10))]\n"
        }
        let found = WorkflowParser().parse(bomb, file: "a.yml").diagnostics
        #expect(found.map(\.code) == ["yaml-nodes"] && found.first?.position.line == 5, "\(found)")
    }

    // MARK: - Evaluation

    /// 26 bytes for a text and 2 for each of its units, whatever their size in UTF-8.
    @Test(arguments: ["x", "é", "世"]) func memoryOfAnEvaluation(_ character: String) throws {
        let expression = try Expression("format('{0}', github.x)")
        let token = TemplateToken(.expression(expression), at: SourcePosition(line: 1, column: 1))
        let most = ((10 << 20) - 26) / 2
        for count in [most - 1, most, most + 1] {
            let text = ExpressionValue.string(Self.repeated(character, count))
            let context = ExpressionContext(values: ["github": .object(ExpressionObject([("x", text)]))])
            if count <= most {
                #expect(try token.evaluate(in: context).text.utf16.count == count)
            } else {
                let error = #expect(throws: TemplateError.self) { try token.evaluate(in: context) }
                #expect(error?.message == "The maximum allowed memory size was exceeded")
            }
        }
    }

    // MARK: - Matrix

    /// As a file writes it, and from an output.
    @Test(arguments: [255, 256, 257]) func jobsOfAMatrix(_ count: Int) throws {
        let items = (0..<count).map(String.init).joined(separator: ",")
        let product = "{a: [\((0..<16).map(String.init).joined(separator: ","))], b: [\(Self.repeated("x,", 16))]"
        let extra = count == 257 ? ", include: [{a: 99}]}" : "}"
        for text in [
            "{v: [\(items)]}", "${{ fromJSON(needs.p.outputs.m) }}", "{v: '${{ fromJSON(needs.p.outputs.m).v }}'}",
            "{include: '${{ fromJSON(needs.p.outputs.i) }}'}", product + extra,
        ] {
            let file = """
                on: push
                jobs:
                  p: {runs-on: x}
                  a: {needs: p, runs-on: x, strategy: {matrix: \(text.hasPrefix("$") ? "'\(text)'" : text)}}
                """
            let workflow = try #require(WorkflowParser().parse(file, file: "a.yml").workflow, "\(text)")
            let matrix = try #require(workflow.job("a")?.strategy?.matrix)
            let include = (0..<count).map { "{\"v\":\($0)}" }.joined(separator: ",")
            let outputs = ExpressionObject([("m", .string("{\"v\":[\(items)]}")), ("i", .string("[\(include)]"))])
            let job = ExpressionValue.object(ExpressionObject([("outputs", .object(outputs))]))
            let needs = ExpressionValue.object(ExpressionObject([("p", job)]))
            let value = try matrix.evaluate(in: ExpressionContext(values: ["needs": needs]))
            if count <= 256 {
                let legs = try MatrixExpansion.legs(of: value)
                #expect(legs.count == (text.hasPrefix(product) ? 256 : count), "\(text)")
            } else {
                let error = #expect(throws: ExpressionError.self) { try MatrixExpansion.legs(of: value) }
                #expect(error?.message == "The matrix generates more than 256 jobs", "\(text)")
            }
        }
    }

    // MARK: - Calls

    /// Ten levels with the caller, 50 files beside it.
    @Test func calledWorkflows() {
        func file(calling names: [String]) -> String {
            "on: [push, workflow_call]\njobs:\n  z: {runs-on: x}\n"
                + names.map { "  \($0): {uses: ./.github/workflows/\($0).yml}\n" }.joined()
        }
        func template(_ files: [[String]]) -> WorkflowTemplate {
            var called: [String: String] = [:]
            for (number, names) in files.enumerated() {
                called["./.github/workflows/f\(number).yml"] = file(calling: names)
            }
            return WorkflowTemplate(called["./.github/workflows/f0.yml"] ?? "", file: "f0.yml", called: called)
        }
        func chain(_ levels: Int) -> WorkflowTemplate {
            template((0..<levels).map { $0 + 1 < levels ? ["f\($0 + 1)"] : [] })
        }
        func fan(_ count: Int) -> WorkflowTemplate {
            template([(1...count).map { "f\($0)" }] + [[String]](repeating: [], count: count))
        }
        for template in [chain(9), chain(10), fan(49), fan(50)] {
            #expect(!template.hasErrors, "\(template.json.prefix(300))")
        }
        #expect(chain(11).json.contains("Nested reusable workflow depth exceeded 9."))
        #expect(fan(51).json.contains("The workflow may not call more than 50 workflows"))
        #expect(template([["f0"]]).json.contains("Nested reusable workflow depth exceeded"))
    }

    // MARK: - Patterns

    /// The matcher looks at each byte once for each place of the pattern: it ends.
    @Test func starsUponStars() {
        let pattern = FilterPattern(Self.repeated("**/*a", 30) + "b")
        #expect(!pattern.matches(Self.repeated("a", 5_000)))
        #expect(!pattern.matches(Self.repeated("a/", 2_500)))
        #expect(pattern.matches(Self.repeated("/a", 30) + "b"))
    }
}
