import Model
import Testing
import WorkflowSyntax

@testable import Services

/// Reusable workflows.
@Suite struct CallTests {
    private static let inner = """
        on:
          workflow_call:
            inputs: {word: {type: string, required: true}, times: {type: number, default: 2}}
            outputs: {said: {value: "${{ inputs.word }}-${{ jobs.say.outputs.said }}"}}
            secrets: {token: {required: false}}
        jobs:
          say: {runs-on: x, outputs: {said: a}, steps: [{run: a}]}
        """
    private static let middle = """
        on:
          workflow_call:
            inputs: {word: {type: string}}
            outputs: {said: {value: "${{ jobs.deep.outputs.said }}"}}
        jobs:
          deep: {uses: ./.github/workflows/inner.yml, with: {word: "${{ inputs.word }}!"}, SECRETS}
        """

    @Test(arguments: TestDatabase.allCases)
    func nestedCallsPassInputsAndOutputs(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let middle = Self.middle.replacing(", SECRETS", with: "")
            let run = try await engine.create(
                """
                  top: {uses: ./.github/workflows/middle.yml, with: {word: hi}}
                  end: {needs: top, runs-on: x, steps: [{run: a}]}
                """, called: ["inner.yml": Self.inner, "middle.yml": middle])
            let say = try #require(try await engine.claim().first)
            #expect(say.execution.name == "top / deep / say" && say.execution.keyPath == "top/deep/say")
            #expect(say.contexts["inputs"]?.json(pretty: false) == #"{"word":"hi!","times":2}"#)
            #expect(try await engine.states(run)["top"] == "in_progress")
            try await engine.complete(say, .success, [("said", "yes")])
            let end = try #require(try await engine.claim().first)
            #expect(
                end.contexts["needs"]?.json(pretty: false)
                    == #"{"top":{"result":"success","outputs":{"said":"hi!-yes"}}}"#)
            try await engine.complete(end)
            #expect(try await engine.run(run.id).conclusion == .success)
        }
    }

    @Test(arguments: [
        ("secrets: inherit", "secrets: inherit", ["A": "1", "B": "2", "GITHUB_TOKEN": "t"]),
        ("secrets: inherit", "secrets: {token: \"${{ secrets.a }}\"}", ["token": "1", "GITHUB_TOKEN": "t"]),
        ("secrets: {b: \"x${{ secrets.B }}\"}", "secrets: inherit", ["b": "x2", "GITHUB_TOKEN": "t"]),
        ("secrets: inherit", "", ["GITHUB_TOKEN": "t"]),
        ("", "secrets: inherit", ["GITHUB_TOKEN": "t"]),
    ])
    func secretsPassAsEachCallSays(_ outer: String, _ deep: String, _ expected: [String: String]) async throws {
        for database in TestDatabase.allCases {
            try await Engine.with(database) { engine in
                let middle = Self.middle.replacing("SECRETS", with: deep.isEmpty ? "if: true" : deep)
                try await engine.create(
                    "  top: {uses: ./.github/workflows/middle.yml, with: {word: hi}\(outer.isEmpty ? "" : ", " + outer)}",
                    called: ["inner.yml": Self.inner, "middle.yml": middle])
                let say = try #require(try await engine.claim().first)
                #expect(try say.secrets(from: ["A": "1", "B": "2", "GITHUB_TOKEN": "t"]) == expected)
                try await engine.complete(say)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aMatrixOfCallsFailsFastAsAWhole(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let callee = """
                on: {workflow_call: {inputs: {a: {type: number}}}}
                jobs:
                  i: {runs-on: x, steps: [{run: a}]}
                  j: {needs: i, runs-on: x, steps: [{run: a}]}
                """
            let run = try await engine.create(
                """
                  m: {uses: ./.github/workflows/c.yml, strategy: {max-parallel: 2, matrix: {a: [1, 2, 3]}}, with: {a: "${{ matrix.a }}"}}
                  end: {needs: m, if: always(), runs-on: x, steps: [{run: a}]}
                """, called: ["c.yml": callee])
            let first = try await engine.claim()
            #expect(first.map(\.execution.name) == ["m (1) / i", "m (2) / i"])
            try await engine.complete(first[0], .failure)
            try await engine.complete(first[1], .cancelled)
            let states = try await engine.states(run)
            #expect(states["m (1)"] == "failure" && states["m (2)"] == "cancelled" && states["m (3)"] == "cancelled")
            #expect(states["m (1) / j"] == "skipped")
            #expect(try await engine.finish() == ["end"])
            #expect(try await engine.run(run.id).conclusion == .failure)
        }
    }

    @Test(arguments: [
        ("with: {}", "required"), ("with: {word: a, times: many}", "number"),
        ("with: {word: a, other: b}", "not defined"),
        ("with: {word: \"${{ fromJSON('{') }}\"}", "JSON"),
    ])
    func anInvalidCallFailsAndBlocksNothing(_ with: String, _ message: String) async throws {
        for database in TestDatabase.allCases {
            try await Engine.with(database) { engine in
                let run = try await engine.create(
                    """
                      top: {uses: ./.github/workflows/inner.yml, \(with)}
                      end: {needs: top, if: failure(), runs-on: x, steps: [{run: a}]}
                    """, called: ["inner.yml": Self.inner])
                #expect(try await engine.finish() == ["end"])
                let call = try await engine.job("top", of: run)
                #expect(call.conclusion == .failure)
                #expect(call.statusMessage?.contains(message) == true, "\(call.statusMessage ?? "")")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func outputsThatCannotBeEvaluatedFailTheCallAtTheirPlace(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let callee = """
                on:
                  workflow_call:
                    outputs:
                      x: {value: "${{ fromJSON('{') }}"}
                jobs: {i: {runs-on: x, steps: [{run: a}]}}
                """
            let run = try await engine.create(
                "  top: {uses: ./.github/workflows/c.yml}", called: ["c.yml": callee])
            try await engine.finish()
            let call = try await engine.job("top", of: run)
            #expect(call.conclusion == .failure)
            #expect(call.statusMessage?.hasPrefix(".github/workflows/c.yml:4:") == true, "\(call.statusMessage ?? "")")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aWorkflowThatTheRunDoesNotHaveFailsTheCall(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let run = try await engine.create("  top: {uses: ./.github/workflows/none.yml}")
            #expect(try await engine.states(run) == ["top": "failure"])
            #expect(try await engine.job("top", of: run).statusReason == .callInvalid)
        }
    }
}
