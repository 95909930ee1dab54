internal import Masking
internal import Model
internal import Services
internal import WorkflowSyntax

/// Runs one step after the other: condition, environment, timeout, what it set, its result.
struct StepRunner {
    let job: JobState

    /// What a step did.
    struct Execution {
        var outcome: StepConclusion
        var exitCode: Int64?
        var outputs: [(String, String)] = []
    }

    /// A step of the job itself: numbered, reported.
    func runTopLevel(_ step: Step, in scope: StepScope) async {
        await report(
            contextName: step.contextName, action: step.actionName,
            name: { context in try displayName(of: step, in: context) }, scope: scope,
            environment: job.environment(scope)
        ) { output in
            await run(step, in: scope, output: output)
        }
    }

    /// Runs `body` as the next step of the job, with what is stored and shown of it.
    func report(
        contextName: String, action: String?, name: (ExpressionContext) throws -> String, scope: StepScope,
        environment: Environment, _ body: (StepOutput) async -> (Execution, StepConclusion)
    ) async {
        job.stepCount += 1
        let number = job.stepCount
        let output = StepOutput(
            step: number, reporter: job.reporter, masker: job.masker, matchers: job.matchers,
            workspace: job.paths.workspace, showsDebug: job.secrets["ACTIONS_STEP_DEBUG"] == "true",
            user: job.host.user,
            environment: { environment[$0] ?? job.base[$0] })
        let started = Clock.microseconds()
        let displayed = (try? name(job.context(scope, environment: environment))) ?? contextName
        let masked = job.masker.mask(displayed)
        job.reporter.add(
            .stepStarted(number: number, name: masked, contextName: contextName, action: action, at: started))
        let (execution, conclusion) = await body(output)
        let ended = max(started, Clock.microseconds())
        let slice = output.slice
        job.reporter.add(
            .stepFinished(
                StepResult(
                    number: number, name: masked, outcome: execution.outcome, conclusion: conclusion,
                    exitCode: execution.exitCode, milliseconds: (ended - started) / 1_000, use: output.use),
                logFirstLine: slice.first, logLineCount: slice.count, at: ended))
    }

    /// A step of the job or of a composite action. Its result stands in the scope afterwards.
    func run(_ step: Step, in scope: StepScope, output: StepOutput) async -> (Execution, StepConclusion) {
        var environments = StepEnvironments(all: job.environment(scope), overlay: scope.environment)
        scope.current = step.contextName
        do {
            if let own = step.env {
                let value = try own.evaluate(in: job.context(scope, environment: environments.all))
                environments.all.merge(value)
                environments.overlay.merge(value)
            }
            let all = environments.all
            output.begin { all[$0] ?? job.base[$0] }
            let context = job.context(scope, environment: environments.all)
            guard try step.condition.evaluate(in: context).isTruthy else {
                let skipped = Execution(outcome: .skipped)
                scope.set(StepScope.Result(outcome: .skipped, conclusion: .skipped), for: step.contextName)
                return (skipped, .skipped)
            }
            let mayFail = try step.continueOnError?.evaluate(in: context).isTruthy ?? false
            var timeout = try step.timeoutMinutes.map { try Timeout.minutes($0, in: context) } ?? nil
            if let deadline = scope.deadline {
                let left = max(.milliseconds(1), ContinuousClock.now.duration(to: deadline))
                timeout = min(timeout ?? left, left)
            }
            var execution = await execute(step, in: scope, environments, timeout: timeout, output: output)
            apply(output.finish(), to: &execution, scope, output)
            return settle(execution, mayFail: mayFail, step, scope)
        } catch {
            output.annotate(Annotation(.error, located(error, step, scope)))
            return settle(Execution(outcome: .failure), mayFail: false, step, scope)
        }
    }

    private func execute(
        _ step: Step, in scope: StepScope, _ environments: StepEnvironments, timeout: Duration?, output: StepOutput
    ) async -> Execution {
        do {
            switch step.action {
            case .run(let script, let shell, let directory):
                let context = job.context(scope, environment: environments.all)
                let runner = ScriptRunner(job: job)
                return try await runner.run(
                    try script.evaluate(in: context).text,
                    shell: try shell.map { try $0.evaluate(in: context).text } ?? defaultShell(scope, context),
                    directory: try directory.map { try $0.evaluate(in: context).text }
                        ?? defaultDirectory(scope, context),
                    environment: environments.all, scope: scope, timeout: timeout, output: output)
            case .uses(let reference, _, let with):
                return try await ActionRunner(job: job, steps: self).run(
                    reference, with: with, of: step, in: scope, environments, timeout: timeout, output: output)
            }
        } catch {
            output.annotate(Annotation(.error, located(error, step, scope)))
            return Execution(outcome: job.stop.cause == nil ? .failure : .cancelled)
        }
    }

    /// `defaults.run` of the job, then of the workflow; steps of an action have none.
    private func defaultShell(_ scope: StepScope, _ context: ExpressionContext) throws -> String? {
        guard !scope.isAction else { return nil }
        let token = job.message.steps.defaults.shell ?? job.message.workflow.defaults.shell
        return try token?.evaluate(in: context).text
    }

    private func defaultDirectory(_ scope: StepScope, _ context: ExpressionContext) throws -> String? {
        guard !scope.isAction else { return nil }
        let token = job.message.steps.defaults.workingDirectory ?? job.message.workflow.defaults.workingDirectory
        return try token?.evaluate(in: context).text
    }

    /// What the commands and files of the step set takes effect for the steps after it.
    private func apply(
        _ effects: StepOutput.Effects, to execution: inout Execution, _ scope: StepScope, _ output: StepOutput
    ) {
        for (name, value) in effects.environment { setVariable(name, value, output) }
        for path in effects.paths { job.addPath(path) }
        execution.outputs = effects.outputs + execution.outputs
        if effects.failure != nil, execution.outcome == .success { execution.outcome = .failure }
    }

    /// A variable for all later steps. The runner's own cannot be overwritten.
    func setVariable(_ name: String, _ value: String, _ output: StepOutput) {
        if name.uppercased() == "NODE_OPTIONS" {
            job.tellVariable(name, isRefused: true)
            return output.annotate(
                Annotation(.error, "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command."))
        }
        if job.isOwn(name) {
            return output.note("the variable \(name) belongs to the runner and was not changed")
        }
        if Self.decidesWhatRuns(name) {
            job.tellVariable(name, isRefused: job.host.isStrict)
            if job.host.isStrict {
                return output.annotate(
                    Annotation(
                        .error, "\(name) is not set: it decides which programs or libraries steps run (--strict)"))
            }
            output.note("##[warning]\(name) is set for later steps: it decides which programs or libraries they run")
        }
        job.environment[name] = value
    }

    /// Of the loader, the shell and git.
    private static func decidesWhatRuns(_ name: String) -> Bool {
        name == "PATH" || name == "BASH_ENV" || name.hasPrefix("LD_") || name.hasPrefix("GIT_")
    }

    private func settle(
        _ execution: Execution, mayFail: Bool, _ step: Step, _ scope: StepScope
    ) -> (Execution, StepConclusion) {
        let conclusion = execution.outcome == .failure && mayFail ? StepConclusion.success : execution.outcome
        scope.set(
            StepScope.Result(outputs: execution.outputs, outcome: execution.outcome, conclusion: conclusion),
            for: step.contextName)
        if conclusion == .failure {
            scope.status = .failure
            if !scope.isAction, job.jobStatus == .success { job.jobStatus = .failure }
        }
        if job.stop.cause != nil { job.jobStatus = .cancelled }
        return (execution, conclusion)
    }

    /// A pre or post file of an action: its condition, then `body`. A failure is the job's.
    func guarded(
        _ condition: Expression, _ environment: Environment, scope: StepScope, output: StepOutput,
        _ body: () async throws -> Execution
    ) async -> (Execution, StepConclusion) {
        do {
            guard try condition.evaluate(in: job.context(scope, environment: environment)).isTruthy else {
                return (Execution(outcome: .skipped), .skipped)
            }
            var execution = try await body()
            apply(output.finish(), to: &execution, scope, output)
            if execution.outcome == .failure, job.jobStatus == .success { job.jobStatus = .failure }
            return (execution, execution.outcome)
        } catch {
            output.annotate(Annotation(.error, Self.text(error)))
            if job.jobStatus == .success { job.jobStatus = .failure }
            return (Execution(outcome: .failure), .failure)
        }
    }

    func displayName(of step: Step, in context: ExpressionContext) throws -> String {
        if let name = try step.name?.evaluate(in: context).text, !name.isEmpty { return name }
        switch step.action {
        case .run(let script, _, _):
            let text = try script.evaluate(in: context).text
            let line = text.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) } ?? ""
            return "Run \(line)"
        case .uses(let reference, _, _): return "Run \(reference)"
        }
    }

    /// With file, line and column when the error is about the workflow's or the action's text.
    private func located(_ error: any Error, _ step: Step, _ scope: StepScope) -> String {
        let file = scope.action.map { "\($0.path)/action.yml" } ?? job.message.workflow.file
        switch error {
        case let error as TemplateError:
            return "\(file):\(error.position.line):\(error.position.column): \(error.message)"
        case let error as ExpressionError:
            let position = step.conditionPosition ?? step.position
            return "\(file):\(position.line):\(position.column): \(error.message)"
        default: return Self.text(error)
        }
    }

    static func text(_ error: any Error) -> String {
        switch error {
        case let error as ExpressionError: error.message
        case let error as TemplateError: error.message
        case let error as ExecutionError: error.message
        default: "\(error)"
        }
    }
}

extension Step {
    /// The action that it uses; nil for a script.
    var actionName: String? {
        if case .uses(let reference, _, _) = action { reference } else { nil }
    }
}

/// `timeout-minutes`.
enum Timeout {
    /// Nil for no limit. Throws ``TemplateError`` when it is not a number above 0.
    static func minutes(_ token: TemplateToken, in context: ExpressionContext) throws -> Duration? {
        let value = try token.evaluate(in: context).number
        guard value.isFinite, value > 0 else {
            throw TemplateError("timeout-minutes must be a number above 0", at: token.position)
        }
        return .milliseconds(Int64(min(value, 525_600) * 60_000))
    }
}
