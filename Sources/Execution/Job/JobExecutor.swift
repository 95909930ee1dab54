internal import Glibc
internal import Masking
internal import Model
internal import Services
internal import WorkflowSyntax

/// Executes one job on this host, from its folders to its outputs.
struct JobExecutor {
    /// How a job ended.
    struct Outcome: Sendable {
        var conclusion: JobConclusion
        var reason: StatusReason?
        var message: String?
        var outputs: [(String, String)] = []
    }

    let message: JobMessage
    let host: HostSettings
    let reporter: JobReporter
    let stop: StopSignal

    /// Never throws: whatever goes wrong is the job's outcome.
    func run() async -> Outcome {
        let token = TokenSource.next()
        let root = "\(host.workDirectory)/\(message.execution.id)-\(token.prefix(8))"
        let paths = JobPaths(root: root, repositoryName: message.repository.name)
        let trackingID = "\(host.trackingName)_\(token)"
        let masker = SharedMasker()
        defer { remove(root) }
        do {
            let job = try prepare(paths, trackingID, masker)
            watchProcesses(trackingID)
            defer { ProcessKeeper.shared.end(trackingID) }
            let timer = try jobTimer(job)
            defer { timer?.cancel() }
            await runSteps(job)
            return conclude(job)
        } catch {
            // It may have gone wrong before the job's own secrets were known.
            for values in [host.secrets, host.environmentSecrets] { for value in values.values { masker.add(value) } }
            return Outcome(
                conclusion: .failure, reason: .setupFailed, message: masker.mask(located(error)))
        }
    }

    private func prepare(_ paths: JobPaths, _ trackingID: String, _ masker: SharedMasker) throws -> JobState {
        let secrets = try message.secrets(from: host.secrets).merging(host.environmentSecrets) { $1 }
        for (_, value) in secrets { masker.add(value) }
        let event = message.github.first { $0.0 == "event" }?.1.json(pretty: true) ?? "{}"
        try paths.make(event: event)
        try WorkspaceTree.copy(host.tree, to: paths.workspace)
        try host.user?.own(paths.root)
        let job = JobState(
            message: message, host: host, paths: paths, reporter: reporter, masker: masker, stop: stop,
            secrets: secrets, trackingID: trackingID)
        let scope = StepScope()
        for token in [message.workflow.env, message.steps.env] {
            guard let token else { continue }
            job.environment.merge(try token.evaluate(in: job.context(scope, environment: job.environment)))
        }
        return job
    }

    /// What another user's steps left is removed as that user: links in it lead nowhere that it may not go.
    private func remove(_ root: String) {
        guard let user = host.user else { return Files.remove(root) }
        user.perform { Files.remove(root) }
        rmdir(root)
    }

    private func watchProcesses(_ trackingID: String) {
        let limit = host.maxProcesses
        ProcessKeeper.shared.begin(trackingID, limit: limit, user: host.user) { [stop] processes, threads in
            stop.force(
                .tooManyProcesses(
                    "The job was ended: it had \(processes) processes with \(threads) threads at once, and may have "
                        + "\(limit) processes (--max-processes)."))
        }
    }

    /// `timeout-minutes` of the job, GitHub's 6 hours when it gives none.
    private func jobTimer(_ job: JobState) throws -> Task<Void, Never>? {
        var limit = Duration.seconds(360 * 60)
        if let token = message.steps.timeoutMinutes {
            let context = job.context(StepScope(), environment: job.environment)
            limit = try Timeout.minutes(token, in: context) ?? limit
        }
        if let token = message.steps.cancelTimeoutMinutes {
            let context = job.context(StepScope(), environment: job.environment)
            if let window = try Timeout.minutes(token, in: context) { stop.limitCleanup(to: window) }
        }
        let deadline = limit
        return Task.detached { [stop] in
            guard (try? await Task.sleep(for: deadline)) != nil else { return }
            stop.request(.jobTimedOut)
        }
    }

    private func runSteps(_ job: JobState) async {
        let scope = StepScope()
        let steps = StepRunner(job: job)
        await PreSteps(job: job, steps: steps).run(message.steps.steps, in: scope)
        for step in message.steps.steps {
            if stop.isForced { break }
            if stop.cause != nil { job.jobStatus = .cancelled }
            await steps.runTopLevel(step, in: scope)
        }
        while let post = job.posts.popLast(), !stop.isForced {
            if stop.cause != nil { job.jobStatus = .cancelled }
            await PostSteps(job: job, steps: steps).run(post)
        }
        job.scope = scope
    }

    private func conclude(_ job: JobState) -> Outcome {
        if stop.cause == .jobTimedOut {
            return Outcome(
                conclusion: .cancelled, reason: .timedOut, message: "the job ran longer than its timeout-minutes",
                outputs: [])
        }
        if case .tooManyProcesses(let text) = stop.cause {
            return Outcome(conclusion: .failure, reason: .processLimit, message: text)
        }
        // A job that was told to stop when its last step had passed already has passed.
        let conclusion: JobConclusion =
            switch job.jobStatus {
            case .failure: .failure
            case .cancelled: .cancelled
            case .success, .skipped: .success
            }
        do {
            return Outcome(conclusion: conclusion, outputs: try outputs(of: job))
        } catch {
            return Outcome(
                conclusion: .failure, reason: .expressionError,
                message: job.masker.mask("the job's outputs: \(StepRunner.text(error))"))
        }
    }

    /// `outputs` of the job. One that holds a secret is not handed on.
    private func outputs(of job: JobState) throws -> [(String, String)] {
        guard let token = message.steps.outputs, let scope = job.scope else { return [] }
        let context = job.context(scope, environment: job.environment)
        guard case .object(let object) = try token.evaluate(in: context) else { return [] }
        var total = 0
        return object.pairs.compactMap { pair in
            let value = pair.value.text
            total += value.utf16.count * 2
            if job.masker.hasSecret(value) {
                note("the output \(pair.key) may hold a secret and is not handed on", job)
                return nil
            }
            if total > 1 << 20 {
                note("the output \(pair.key) is not handed on: the outputs of a job may have 1 MiB", job)
                return nil
            }
            return (pair.key, value)
        }
    }

    /// A line in the log of the last step.
    private func note(_ text: String, _ job: JobState) {
        reporter.log(
            LogLine(
                step: job.stepCount, stream: .system, microseconds: Clock.microseconds(),
                text: job.masker.mask("##[warning]\(text)")))
    }

    /// With file, line and column when the error is about the workflow's text.
    private func located(_ error: any Error) -> String {
        guard let error = error as? TemplateError else { return StepRunner.text(error) }
        return "\(message.workflow.file):\(error.position.line):\(error.position.column): \(error.message)"
    }
}
