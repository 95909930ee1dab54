internal import Model
internal import WorkflowSyntax

/// The pre files of actions from other repositories, before the first step. An action of the repository itself has none:
/// it is not there before a step has checked it out.
struct PreSteps {
    let job: JobState
    let steps: StepRunner

    func run(_ all: [Step], in scope: StepScope) async {
        for step in all {
            guard case .uses(let uses, _, let with) = step.action, !uses.hasPrefix("./"),
                case .folder(let folder)? = try? job.location(of: uses, in: scope),
                let manifest = try? job.manifest(of: folder),
                case .javaScript(_, let pre?, let condition, _, _) = manifest.runs
            else { continue }
            let action = StepScope(action: folder, depth: 1)
            let environment = job.environment(scope)
            await steps.report(
                contextName: step.contextName, action: uses, name: { _ in "Pre Run \(uses)" }, scope: scope,
                environment: environment
            ) { output in
                await steps.guarded(condition, environment, scope: scope, output: output) {
                    let context = job.context(scope, environment: environment)
                    let inputs = try ActionInputs.evaluate(with, manifest, in: context)
                    let program = JavaScriptProgram(
                        folder: folder.path, inputs: inputs, scope: action, contextName: step.contextName)
                    let (execution, state) = try await program.run(
                        pre, job: job, environment: environment, state: [], timeout: nil, output: output)
                    job.savedStates[step.contextName] = state
                    return execution
                }
            }
        }
    }
}

/// The post files of actions, in reverse order, when all steps are done.
struct PostSteps {
    let job: JobState
    let steps: StepRunner

    func run(_ post: PostStep) async {
        let scope = StepScope()
        var environment = job.environment(scope)
        environment.merge(post.overlay)
        let final = environment
        await steps.report(
            contextName: post.step.contextName, action: post.step.actionName,
            name: { context in "Post \(try steps.displayName(of: post.step, in: context))" }, scope: scope,
            environment: final
        ) { output in
            await steps.guarded(post.condition, final, scope: scope, output: output) {
                try await post.program.run(
                    post.file, job: job, environment: final, state: post.state, timeout: nil, output: output
                ).0
            }
        }
    }
}
