import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct TemplateTests {
    private func workflow(_ text: String, _ file: String = "a.yml") throws -> Workflow {
        let result = WorkflowParser().parse(text, file: file)
        return try #require(result.workflow, "\(result.diagnostics)")
    }

    @Test func insertMerges() throws {
        let workflow = try workflow(
            """
            on: push
            jobs:
              a:
                runs-on: x
                env:
                  FIRST: 1
                  ${{ insert }}: ${{ fromJSON('{"SECOND":"2"}') }}
                steps: [{ run: x }]
            """)
        guard case .steps(let body) = workflow.jobs[0].body, let env = body.env else { return }
        #expect(try env.evaluate(in: ExpressionContext()).json(pretty: false) == #"{"FIRST":"1","SECOND":"2"}"#)
    }

    @Test func evaluationErrorsHaveAPlace() throws {
        let workflow = try workflow("on: push\nrun-name: ${{ fromJSON('[') }}\njobs: { a: { runs-on: x } }\n")
        #expect(throws: TemplateError.self) { try workflow.runName?.evaluate(in: ExpressionContext()) }
        do throws(TemplateError) {
            _ = try workflow.runName?.evaluate(in: ExpressionContext())
        } catch {
            #expect(error.position == SourcePosition(line: 2, column: 11))
        }
    }

    @Test func callsAreChecked() throws {
        let caller = try workflow(
            """
            on: push
            jobs:
              a:
                uses: ./.github/workflows/b.yml
                with: { flag: maybe, extra: 1 }
                secrets: { unknown: x }
            """)
        let callee = try workflow(
            """
            on:
              workflow_call:
                inputs:
                  flag: { type: boolean }
                  name: { type: string, required: true }
                secrets:
                  key: { required: true }
            jobs: { b: { runs-on: x, permissions: write-all } }
            """, "b.yml")
        let found = WorkflowCallCheck(policy: .limitedRead).check(caller.jobs[0], in: caller, calling: callee)
        #expect(
            found.map(\.code) == [
                "input-type", "unknown-input", "missing-input", "unknown-secret", "missing-secret", "permissions",
            ])
        #expect(WorkflowCallCheck().check(caller.jobs[0], in: caller, calling: caller).map(\.code) == ["not-reusable"])
    }

    @Test func graphHasLevels() throws {
        let workflow = try workflow(
            """
            on: push
            jobs:
              d: { needs: [b, c], runs-on: x }
              a: { runs-on: x }
              b: { needs: a, runs-on: x }
              c: { needs: A, runs-on: x }
            """)
        #expect(JobGraph(workflow.jobs).levels == [["a"], ["b", "c"], ["d"]])
    }

    @Test func cyclesAreNamed() {
        let text = """
            on: push
            jobs:
              a: { runs-on: x }
              b: { needs: c, runs-on: x }
              c: { needs: b, runs-on: x }
              d: { needs: b, runs-on: x }
            """
        let found = WorkflowParser().parse(text, file: "a.yml").diagnostics
        #expect(
            found.map(\.message) == [
                "Job 'b' depends on job 'c' which creates a cycle in the dependency graph.",
                "Job 'c' depends on job 'b' which creates a cycle in the dependency graph.",
            ])
    }

    @Test(arguments: [
        "on: push\njobs: { a: { uses: x } }", "on: push\njobs: { a: { uses: ./b.yml } }",
        "on: push\njobs: { a: { uses: 'o/r/.github/workflows/x.yml' } }",
        "on: push\njobs: { a: { runs-on: x, steps: [{ uses: ./../../x }] } }",
        "on: { schedule: [{ cron: '@daily' }] }\njobs: { a: { runs-on: x } }",
        "on: push\njobs: { a: { runs-on: x, concurrency: { group: x, queue: max, cancel-in-progress: true } } }",
        "on: push\njobs: { a: { runs-on: x, steps: [{ parallel: [] }] } }", "on: push\n<<: { x: 1 }\njobs: {}",
        "jobs: { a: { runs-on: x } }", "on: psuh\njobs: { a: { runs-on: x } }",
    ])
    func refuses(_ text: String) {
        let result = WorkflowParser().parse(text, file: "a.yml")
        #expect(result.workflow == nil && !result.diagnostics.isEmpty)
    }

    @Test func anchorsAreReplayed() throws {
        let workflow = try workflow(
            """
            on: push
            jobs:
              a: &job
                runs-on: x
                env: &env { A: 1 }
                steps: [{ run: x, env: *env }]
              b: *job
            """)
        #expect(workflow.jobs.map(\.id) == ["a", "b"])
        guard case .steps(let body) = workflow.jobs[1].body else { return }
        #expect(body.steps[0].env?["A"]?.literalText == "1")
    }

    @Test func callTreesAreBounded() {
        func file(_ callee: String) -> String {
            "on: { push: , workflow_call: }\njobs:\n"
                + (0..<30).map { " j\($0): { uses: './.github/workflows/\(callee).yml' }\n" }.joined()
        }
        var called: [String: String] = [:]
        for level in 0..<8 { called["./.github/workflows/l\(level).yml"] = file("l\(level + 1)") }
        let template = WorkflowTemplate(file("l0"), file: "a.yml", called: called)
        #expect(template.hasErrors && template.json.contains("10000 jobs"))
        let own = WorkflowTemplate(file("l0"), file: "a.yml", called: ["./.github/workflows/l0.yml": file("l0")])
        #expect(own.hasErrors)
    }
}
