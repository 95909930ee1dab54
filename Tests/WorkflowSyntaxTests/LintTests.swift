import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct LintTests {
    private func lint(_ body: String, on: String = "push") -> [Diagnostic] {
        let steps = body.contains("steps:") ? "" : "    steps: [{ run: x }]\n"
        let text = "on: \(on)\njobs:\n  a:\n    runs-on: x\n\(body)\(steps)"
        return WorkflowParser(linting: true).parse(text, file: "a.yml").diagnostics.filter { $0.severity > .note }
    }

    @Test func aBlockNamesTheLine() throws {
        let found = lint("    steps:\n      - run: |\n          echo\n          echo ${{ steps.x.outputs.y }}\n")
        let first = try #require(found.first)
        #expect(first.code == "unknown-property")
        #expect(first.position == SourcePosition(line: 8, column: 20))
    }

    @Test func lintNeverWithholdsTheWorkflow() {
        let text = "on: push\njobs: { a: { runs-on: '${{ matrix.os }}' } }"
        let result = WorkflowParser(linting: true).parse(text, file: "a.yml")
        #expect(result.workflow != nil && result.diagnostics.map(\.code).contains("unknown-property"))
        #expect(WorkflowParser().parse(text, file: "a.yml").diagnostics.isEmpty)
    }

    @Test(arguments: [
        "    name: ${{ matrix.os || 'linux' }}\n",
        "    steps: [{ id: s, run: x }, { run: '${{ steps.s.outcome }}' }]\n",
        "    steps: [{ run: '${{ github.event.anything.at.all }}' }]\n",
        "    strategy: { matrix: { include: [{ a: 1 }, { b: 2 }] } }\n    name: ${{ matrix.b }}\n",
        "    strategy: { matrix: '${{ fromJSON(vars.m) }}' }\n    name: ${{ matrix.b.c }}\n",
        "    steps: [{ run: x, if: \"contains(github.event.head_commit.message, 'x')\" }]\n",
        "    env: { A: '${{ toJSON(github) }}' }\n",
    ])
    func accepts(_ body: String) {
        #expect(lint(body).isEmpty, "\(lint(body))")
    }

    @Test(arguments: [
        ("    name: ${{ inputs.x }}\n", "unknown-property"), ("    name: ${{ github.ref.x }}\n", "no-object"),
        ("    name: \"${{ format('{0}', 1, 2) }}\"\n", "format"), ("    name: \"${{ fromJSON('[') }}\"\n", "json"),
        ("    steps: [{ run: 'echo ${{ github.head_ref }}' }]\n", "untrusted-input"),
        ("    steps: [{ run: x, if: 'github.event == 1' }]\n", "comparison"),
        ("    steps: [{ run: x, if: true }]\n", "condition"), ("    steps: [{ run: x, shell: fish }]\n", "shell"),
        ("    env: { A: 'x ${{ github.event }}' }\n", "text-of-collection"),
        ("    strategy: { matrix: { a: [1], exclude: [{ a: 2 }] } }\n", "matrix-exclude"),
    ])
    func finds(_ body: String, _ code: String) {
        #expect(lint(body).map(\.code) == [code], "\(lint(body))")
    }

    @Test(arguments: [
        ("{ push: { branches: ['a b'] } }", "filter-pattern"), ("{ push: { tags: [a], tags-ignore: [b] } }", "filter"),
        ("{ schedule: [{ cron: '*/2 * * * *' }] }", "cron"), ("[schedule]", "schedule"),
        ("{ workflow_run: { types: completed } }", "workflow-run"),
        ("{ workflow_dispatch: { inputs: { a: { type: choice } } } }", "inputs"),
        ("{ workflow_dispatch: { inputs: { a: { type: number, default: x } } } }", "inputs"),
    ])
    func findsInTriggers(_ on: String, _ code: String) {
        #expect(lint("", on: on).map(\.code) == [code], "\(lint("", on: on))")
    }

    @Test func timeZonesAreLookedUpWhereThereIsADatabase() throws {
        func find(_ zone: String, in zones: (any ZoneSource)?) -> [Diagnostic] {
            let text =
                "on:\n  schedule:\n    - cron: '0 1 * * *'\n      timezone: \(zone)\njobs: {a: {runs-on: x, steps: [{run: x}]}}\n"
            return WorkflowParser(linting: true, zones: zones).parse(text, file: "a.yml").diagnostics
                .filter { $0.severity > .note }
        }
        let zones = TZifFixture(["Europe/Berlin": TZifFixture.berlin])
        #expect(find("Europe/Berlin", in: zones).isEmpty && find("Etc/UTC", in: zones).isEmpty)
        let misspelt = try #require(find("Europe/Berlim", in: zones).first)
        #expect(misspelt.code == "timezone" && misspelt.message == "There is no time zone 'Europe/Berlim'")
        #expect(misspelt.position == SourcePosition(line: 4, column: 17))
        #expect(misspelt.hint == "did you mean 'Europe/Berlin'?")
        #expect(find("Asia/Tokyo", in: zones).first?.hint == nil)
        // Without a database nobody knows.
        #expect(find("Europe/Berlim", in: TZifFixture([:])).isEmpty && find("Europe/Berlim", in: nil).isEmpty)
        // What cannot be a name is none anywhere, and the file is refused.
        for name in ["../../etc/passwd", "/etc/passwd", "'Europe/Berlin '", "Zürich"] {
            let found = find(name, in: nil)
            #expect(found.map(\.code) == ["timezone"] && found[0].position.line == 4, "\(name): \(found)")
        }
    }
}
