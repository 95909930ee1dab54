internal import Model
internal import WorkflowSyntax

/// Runs a step that uses an action.
struct ActionRunner {
    /// As deep as GitHub lets composite actions use each other.
    static let depthLimit = 10

    let job: JobState
    let steps: StepRunner

    func run(
        _ uses: String, with: TemplateToken?, of step: Step, in scope: StepScope, _ environments: StepEnvironments,
        timeout: Duration?, output: StepOutput
    ) async throws -> StepRunner.Execution {
        let context = job.context(scope, environment: environments.all)
        let given = try ActionInputs.given(with, in: context)
        let location = try job.location(of: uses, in: scope)
        switch location {
        case .checkout:
            return try CheckoutAction(job: job).run(given, output: output)
        case .folder(let folder):
            let manifest = try job.manifest(of: folder)
            if let warning = ActionInputs.unexpected(given, manifest) { output.annotate(Annotation(.warning, warning)) }
            for input in manifest.inputs where input.deprecationMessage != nil {
                guard given.contains(where: { $0.0.lowercased() == input.name.lowercased() }) else { continue }
                output.annotate(
                    Annotation(
                        .warning,
                        "Input '\(input.name)' has been deprecated with message: \(input.deprecationMessage ?? "")"))
            }
            let inputs = try ActionInputs.evaluate(with, manifest, in: context)
            let action = StepScope(
                inputs: .object(ExpressionObject(inputs.map { ($0.0, .string($0.1)) })),
                environment: environments.overlay, action: folder, depth: scope.depth + 1)
            guard action.depth <= Self.depthLimit else {
                throw ExecutionError("\(uses): composite actions may use each other \(Self.depthLimit) levels deep")
            }
            action.deadline = timeout.map { ContinuousClock.now + $0 } ?? scope.deadline
            switch manifest.runs {
            case .composite(let inner):
                return try await runComposite(inner, manifest, action, output: output)
            case .javaScript(let main, _, _, let post, let postIf):
                let program = JavaScriptProgram(
                    folder: folder.path, inputs: inputs, scope: action, contextName: step.contextName)
                let (execution, state) = try await program.run(
                    main, job: job, environment: environments.all, state: job.savedStates[step.contextName] ?? [],
                    timeout: timeout, output: output)
                if let post {
                    job.posts.append(
                        PostStep(
                            program: program, file: post, condition: postIf, state: state, step: step,
                            overlay: environments.overlay))
                }
                return execution
            case .docker(let image, _):
                throw ExecutionError(
                    "\(uses): docker actions (\(image)) need a container engine, which plue does not use yet")
            }
        }
    }

    private func runComposite(
        _ inner: [Step], _ manifest: ActionManifest, _ action: StepScope, output: StepOutput
    ) async throws -> StepRunner.Execution {
        let wasStopped = job.stop.cause != nil
        for step in inner {
            _ = await steps.run(step, in: action, output: output)
        }
        var execution = StepRunner.Execution(outcome: action.status)
        if !wasStopped, job.stop.cause != nil { execution.outcome = .cancelled }
        let context = job.context(action, environment: job.environment(action))
        for declared in manifest.outputs {
            guard let value = declared.value else { continue }
            execution.outputs.append((declared.name, try value.evaluate(in: context).text))
        }
        return execution
    }
}

/// The variables of a step: all that it sees, and those beneath which an action's own steps stand.
struct StepEnvironments {
    var all: Environment
    var overlay: Environment
}
