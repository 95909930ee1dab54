import PlueActions

/// Stores a workflow, runs it, and plays the runner.
@main
struct Embedding {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let actions = try await Actions.open(arguments.first ?? "sqlite::memory:")
        try await actions.applyMigrations()
        let user = Principal(.user, "octocat")
        let repository = try await actions.createRepository(owner: "octo", name: "cat", by: user)
        let workflow = try await actions.createWorkflow(
            yaml: """
                name: CI
                on: push
                jobs:
                  build: {runs-on: ubuntu-latest, steps: [{run: make}]}
                  test: {needs: build, runs-on: ubuntu-latest, steps: [{run: make test}]}
                """, filename: ".github/workflows/ci.yml", in: repository.id, by: user)
        guard let id = workflow.id else { return }
        let run = try await actions.createWorkflowRun(
            WorkflowRunRequest(workflow: id, commitSHA: "c0ffee", branch: "main", actor: "octocat"), by: user)

        let runner = try await actions.registerRunner(name: "one", labels: ["ubuntu-latest"], by: user)
        try await actions.updateRunnerStatus(runner.id, .online, by: user)
        let machine = Principal(.runner, runner.name)
        while let job = try await actions.claimJobs(runner.id, by: machine).first {
            let line = LogLine(step: 1, stream: .stdout, microseconds: 0, text: job.definition.steps[0].run ?? "")
            try await actions.appendLog(job.token, sequence: 0, firstLine: 1, firstByte: 0, [line], by: machine)
            try await actions.completeJob(job.token, .success, by: machine)
            print(job.execution.name, try await actions.readLog(job.execution.id, tail: 1, by: user).map(\.text))
        }
        for try await change in actions.subscribe(to: run.id, by: user) {
            print(change.sequence, change.object, change.objectID, change.from ?? "-", change.to)
        }
        let ended = try await actions.getWorkflowRun(run.id, by: user)
        print("\(workflow.name) #\(ended.runNumber): \(ended.status) \(ended.conclusion?.rawValue ?? "")")
        await actions.close()
    }
}
