import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct InputTests {
    private func workflow() throws -> Workflow {
        let text = """
            on:
              workflow_dispatch:
                inputs:
                  level: { type: choice, options: [low, high], default: low }
                  count: { type: number }
                  dry: { type: boolean, default: true }
                  who: { required: true }
              workflow_call:
                inputs:
                  flag: { type: boolean }
                  name: { type: string, default: "${{ github.actor }}" }
            jobs: { a: { runs-on: x } }
            """
        return try #require(WorkflowParser().parse(text, file: "a.yml").workflow)
    }

    @Test func dispatchedInputsAreTyped() throws {
        let inputs = try workflow().dispatchInputs
        let values = try InputValues.dispatched(["WHO": "me", "count": "3"], for: inputs)
        #expect(
            ExpressionValue.object(values).json(pretty: false)
                == #"{"level":"low","count":3,"dry":true,"who":"me"}"#)
        for given in [
            [:], ["who": "x", "whom": "y"], ["who": "x", "level": "mid"], ["who": "x", "count": "many"],
            ["who": "x", "dry": "perhaps"],
        ] {
            #expect(throws: ExpressionError.self) { try InputValues.dispatched(given, for: inputs) }
        }
    }

    @Test func calledInputsHaveDefaults() throws {
        let interface = try #require(try workflow().call)
        let github = ExpressionValue.object(ExpressionObject([("actor", .string("mona"))]))
        let context = ExpressionContext(values: ["github": github])
        let values = try InputValues.called(nil, for: interface, in: context, at: SourcePosition(line: 1, column: 1))
        #expect(ExpressionValue.object(values).json(pretty: false) == #"{"flag":false,"name":"mona"}"#)
        let given = ExpressionObject([("flag", .number(1))])
        #expect(throws: TemplateError.self) {
            try InputValues.called(given, for: interface, in: context, at: SourcePosition(line: 1, column: 1))
        }
    }

    @Test func skipMarks() throws {
        let workflow = try #require(
            WorkflowParser().parse("on: push\njobs: { a: { runs-on: x } }", file: "a.yml").workflow)
        for (message, skips) in [
            ("x [skip ci]", true), ("fix\n\nskip-checks: true", true), ("skip-checks: true", false), ("x", false),
            ("a [CI Skip] b", true), ("t\n\nskip-checks: true\n\nmore", false),
        ] {
            let match = TriggerMatch(TriggerEvent(name: "push", commitMessage: message), workflow)
            #expect((match != .runs) == skips, "\(message)")
        }
    }
}
