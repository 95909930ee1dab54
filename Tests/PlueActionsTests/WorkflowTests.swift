import Model
import Testing

@testable import PlueActions

@Suite struct WorkflowTests {
    @Test("3. a workflow parses from YAML")
    func workflowParsesFromYAML() throws {
        let workflow = try Workflow.parse(yaml: Platform.ci, filename: ".github/workflows/ci.yml")
        #expect(workflow.name == "CI")
        #expect(workflow.triggers == [.push()])
        let job = try #require(workflow.jobs["test"])
        #expect(job.runsOn == "ubuntu-latest")
        #expect(job.steps.count == 2)
        #expect(job.steps[0].uses == "actions/checkout@v4" && job.steps[1].run == "make test")
        #expect(job.timeoutMinutes == 360)
    }

    @Test("3. a fragment needs no triggers, a file of a repository does")
    func fragmentsNeedNoTriggers() throws {
        let text = "jobs: {a: {runs-on: x, steps: [{run: a}]}}"
        #expect(try Workflow.parse(yaml: text, requiringTriggers: false).jobs.count == 1)
        let error = #expect(throws: ActionsError.self) { try Workflow.parse(yaml: text) }
        #expect(error?.code == .invalidWorkflow)
    }

    @Test("5. stores and retrieves a workflow", arguments: ActionsDatabase.allCases)
    func storesAndRetrievesAWorkflow(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let actions = platform.actions
            let stored = try await platform.workflow()
            let id = try #require(stored.id)
            let read = try await actions.getWorkflow(id, by: Platform.user)
            #expect(read.name == "CI" && read.filename == ".github/workflows/ci.yml")
            #expect(read.repositoryID == platform.repository.id)
            #expect(read.yamlContent == Platform.ci && read.jobs == stored.jobs && read.createdAt != nil)
            let found = try await actions.getWorkflow(
                filename: ".github/workflows/ci.yml", in: platform.repository.id, by: Platform.user)
            #expect(found.id == id)
            // The same content is the same version; other content becomes the current one.
            #expect(try await platform.workflow().id == id)
            let versions = try await platform.rows("SELECT id FROM actions_workflow_versions")
            #expect(versions.count == 1)
            let changed = try await platform.workflow(Platform.ci.replacing("CI", with: "Other"))
            #expect(changed.id == id && changed.name == "Other")
            #expect(try await actions.getWorkflowJobs(id, by: Platform.user).map(\.id) == ["test"])
            #expect(try await platform.workflow().name == "CI")
        }
    }

    @Test("5. a deleted workflow keeps its history and takes no runs", arguments: ActionsDatabase.allCases)
    func deletedWorkflows(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let actions = platform.actions
            let workflow = try await platform.workflow()
            let id = try #require(workflow.id)
            let run = try await platform.run(workflow)
            try await actions.disableWorkflow(id, by: Platform.user)
            #expect(await Platform.code { _ = try await platform.run(workflow) } == .conflict)
            try await actions.enableWorkflow(id, by: Platform.user)
            try await actions.deleteWorkflow(id, by: Platform.user)
            #expect(await Platform.code { _ = try await platform.run(workflow) } == .notFound)
            #expect(await Platform.code { try await actions.deleteWorkflow(id, by: Platform.user) } == .notFound)
            #expect(await Platform.code { _ = try await actions.getWorkflow(id, by: Platform.user) } == .notFound)
            #expect(try await actions.getWorkflow(id, includingDeleted: true, by: Platform.user).state == .deleted)
            #expect(try await actions.listWorkflows(in: platform.repository.id, by: Platform.user).items.isEmpty)
            #expect(try await platform.get(run).id == run.id)
            // Its jobs that wait still run.
            #expect(try await platform.finish(try await platform.runner()) == ["test"])
            // The same file again is the same workflow; its numbers go on.
            let again = try await platform.workflow()
            #expect(again.id == id && again.state == .active)
            #expect(try await platform.run(again).runNumber == 2)
            #expect(try await platform.audited("workflow.create") == 2)
        }
    }

    @Test("14. complex YAML and edge cases", arguments: ActionsDatabase.allCases)
    func complexYAML(_ database: ActionsDatabase) async throws {
        let text = """
            name: Release
            run-name: ${{ inputs.to }}
            on:
              push: {branches: [main, 'rel/**'], tags-ignore: [v0*]}
              pull_request: {types: [opened], branches: [main]}
              schedule: [{cron: '0 3 * * 1'}, {cron: '5 4 * * *', timezone: Asia/Tokyo}]
              workflow_dispatch:
                inputs:
                  to: {type: choice, options: [a, b], default: a, required: true}
                  dry: {type: boolean, default: false}
            env: {TOP: level}
            jobs:
              build:
                runs-on: [self-hosted, '${{ matrix.os }}']
                if: github.ref == 'refs/heads/main'
                timeout-minutes: 5
                outputs: {v: '${{ steps.s.outputs.v }}'}
                env: {A: '1', B: "x: y"}
                strategy:
                  fail-fast: false
                  max-parallel: 2
                  matrix: {os: [linux, macos], include: [{os: linux, extra: true}], exclude: [{os: macos}]}
                steps:
                  - {id: s, name: Say, run: 'echo "${{ matrix.os }}" # 🦆', shell: bash, working-directory: d}
                  - {uses: a/b@v1, with: {k: v}, if: always(), continue-on-error: true, timeout-minutes: 3}
            """
        try await Platform.with(database) { platform in
            let stored = try await platform.workflow(text)
            let workflow = try await platform.actions.getWorkflow(try #require(stored.id), by: Platform.user)
            #expect(workflow.triggers.count == 5)
            #expect(
                workflow.triggers[0]
                    == .other("push", filters: ["branches": ["main", "rel/**"], "tags-ignore": ["v0*"]]))
            #expect(workflow.triggers[2] == .schedule(cron: "0 3 * * 1"))
            #expect(workflow.triggers[3] == .schedule(cron: "5 4 * * *", timezone: "Asia/Tokyo"))
            guard case .workflowDispatch(let inputs) = workflow.triggers[4] else {
                Issue.record("\(workflow.triggers[4])")
                return
            }
            #expect(inputs["to"]?.options == ["a", "b"] && inputs["dry"]?.default == "false")
            let job = try #require(workflow.jobs["build"])
            #expect(job.ifCondition == "github.ref == 'refs/heads/main'" && job.timeoutMinutes == 5)
            #expect(job.environment == ["A": "1", "B": "x: y"])
            #expect(job.strategy?.matrix.first?.values == ["linux", "macos"] && job.strategy?.maxParallel == 2)
            #expect(job.steps[1].continueOnError && job.steps[1].with == ["k": "v"])
            // Written by hand and read again, a job is the same.
            let again = try Workflow(triggers: workflow.triggers, jobs: [job])
            #expect(again.jobs["build"] == job)
            #expect(again.triggers == workflow.triggers)
            // All that is wrong is told, each with its place.
            let broken = "on: pusch\njobs:\n  a: {runs-on: x, needs: b, steps: [{rum: a}]}\n"
            do {
                _ = try await platform.workflow(broken)
                Issue.record("a broken file was stored")
            } catch let error as ActionsError {
                #expect(error.code == .invalidWorkflow && error.diagnostics.count >= 2)
                #expect(error.diagnostics.allSatisfy { $0.line >= 1 && $0.column >= 1 && $0.file.hasSuffix("ci.yml") })
                #expect(error.message.contains(".github/workflows/ci.yml:1:"))
            }
        }
    }
}
