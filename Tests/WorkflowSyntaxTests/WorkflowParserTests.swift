import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct WorkflowParserTests {
    @Test func readsAnOrdinaryFile() throws {
        let text = """
            name: CI
            on:
              push:
                branches: [main, 'release/**']
              pull_request:
              workflow_dispatch:
                inputs:
                  level: { type: choice, options: [a, b], default: a }
            permissions: { contents: read }
            jobs:
              lint:
                runs-on: ubuntu-latest
                steps:
                  - uses: actions/checkout@v4
                  - run: make ${{ github.ref }} lint
                    if: github.actor != 'x'
              test:
                needs: LINT
                strategy:
                  matrix:
                    os: [linux, mac]
                runs-on: ${{ matrix.os }}
                steps:
                  - id: unit
                    run: make test
            """
        let result = WorkflowParser().parse(text, file: "ci.yml")
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics)")
        let workflow = try #require(result.workflow)
        #expect(workflow.name == "CI")
        #expect(workflow.triggers.map(\.event) == ["push", "pull_request", "workflow_dispatch"])
        #expect(workflow.triggers[0].branches == ["main", "release/**"])
        #expect(workflow.dispatchInputs.first?.options == ["a", "b"])
        #expect(workflow.jobs[1].needs.map(\.id) == ["lint"])
        guard case .steps(let body) = workflow.jobs[0].body else { throw Fault.unexpected }
        #expect(body.steps.map(\.contextName) == ["__actions_checkout", "__run"])
        #expect(body.steps[1].condition.source == "success() && (github.actor != 'x')")
        guard case .run(let script, _, _) = body.steps[1].action, case .expression(let expression) = script.kind else {
            throw Fault.unexpected
        }
        #expect(expression.source == "format('make {0} lint', github.ref)")
        let github = ExpressionValue.object(ExpressionObject([("ref", .string("refs/heads/main"))]))
        let value = try script.evaluate(in: ExpressionContext(values: ["github": github]))
        #expect(value.text == "make refs/heads/main lint")
    }

    @Test func namesTheNearestKey() throws {
        let text = "on: push\njobs:\n  a:\n    run-on: x\n    runs-on: x\n"
        let result = WorkflowParser().parse(text, file: "a.yml")
        let diagnostic = try #require(result.diagnostics.first)
        #expect(diagnostic.message == "Unexpected value 'run-on'")
        #expect(diagnostic.hint == "did you mean 'runs-on'?")
        #expect(diagnostic.position == SourcePosition(line: 4, column: 5))
    }

    private enum Fault: Error {
        case unexpected
    }
}
