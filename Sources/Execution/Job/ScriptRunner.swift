internal import Glibc
internal import Model
internal import Services
internal import WorkflowSyntax

/// Runs `run` scripts and the programs of actions, with the files through which they set values.
struct ScriptRunner {
    let job: JobState

    /// Throws ``ExecutionError`` when the script cannot be started.
    func run(
        _ script: String, shell: String?, directory: String?, environment: Environment, scope: StepScope,
        timeout: Duration?, output: StepOutput
    ) async throws -> StepRunner.Execution {
        let shell = try job.shell(shell, searchPath: searchPath(environment))
        let file = "\(job.paths.temp)/\(TokenSource.next())\(shell.fileExtension)"
        try job.host.user.perform { () throws(ExecutionError) in try Files.write(shell.prepare(script), to: file) }
        let working = directory.map { Files.normalize($0, in: job.paths.workspace) } ?? job.paths.workspace
        if job.host.isStrict { try checkInside(working, directory ?? "") }
        return try await start(
            shell.program, shell.arguments(for: file), directory: working, environment: environment, scope: scope,
            extra: [:], timeout: timeout, output: output
        ).execution
    }

    /// GitHub lets a step work anywhere; a strict host within the folders of its job, wherever links lead.
    private func checkInside(_ path: String, _ given: String) throws(ExecutionError) {
        guard let root = Files.realPath(job.paths.root) else { return }
        // One that does not exist is told when the program is started.
        let real = Files.realPath(path) ?? path
        guard real == root || real.hasPrefix(root + "/") || !Files.exists(path) && path.hasPrefix(job.paths.root + "/")
        else {
            throw ExecutionError(
                "working-directory \(given): it is outside of the job's folders, which --strict does not allow")
        }
    }

    /// The `PATH` of a step: what steps added, then the host's.
    func searchPath(_ environment: Environment) -> String {
        let base = environment["PATH"] ?? job.base["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        return (job.addedPaths + [base]).joined(separator: ":")
    }

    /// Runs a program as (part of) a step. `extra` are variables for this program alone.
    func start(
        _ program: String, _ arguments: [String], directory: String, environment: Environment, scope: StepScope,
        extra: [String: String], timeout: Duration?, output: StepOutput
    ) async throws -> (execution: StepRunner.Execution, state: [(String, String)]) {
        if job.stop.isForced { return (StepRunner.Execution(outcome: .cancelled), []) }
        let files = try job.spareFiles ?? StepFiles(directory: job.paths.commandFiles, user: job.host.user)
        job.spareFiles = nil
        var variables = job.base
        for name in environment.names {
            if !job.isOwn(name) { variables[name] = environment[name] }
        }
        variables["GITHUB_ACTION"] = scope.current
        variables.merge(extra) { _, new in new }
        variables["PATH"] = searchPath(environment)
        files.export(into: &variables)
        if let action = scope.action { variables["GITHUB_ACTION_PATH"] = action.path }
        for (name, value) in variables where value.utf8.contains(0) || name.utf8.contains(0) {
            throw ExecutionError("the variable \(name) holds a NUL, which no environment can")
        }
        let spec = ProcessSpec(
            path: program, arguments: [program] + arguments, environment: variables.map { "\($0.key)=\($0.value)" },
            directory: directory, job: job.trackingID, user: job.host.user)
        var (execution, isTimedOut) = try await run(spec, timeout: timeout, output: output)
        if isTimedOut {
            output.annotate(Annotation(.error, "The step was stopped: it ran longer than its timeout-minutes."))
            execution.outcome = .failure
        }
        if files.isUntouched {
            job.spareFiles = files
            return (execution, [])
        }
        // First what it changes in the execution, then the execution.
        let state = collect(files, into: &execution, output)
        return (execution, state)
    }

    private func run(
        _ spec: ProcessSpec, timeout: Duration?, output: StepOutput
    ) async throws -> (StepRunner.Execution, isTimedOut: Bool) {
        let wasStopped = job.stop.cause != nil
        let watch = StepWatch()
        let stop = job.stop
        let (status, use) = try await ProcessReactor.shared.run(
            spec,
            started: { pid in
                let process = RunningProcess(pid: pid, intervals: stop.intervals)
                watch.begin(process, timeout: timeout)
                stop.track(process)
                // A request that came between the condition and the start.
                if !wasStopped, stop.cause != nil { process.terminate() }
            },
            output: { stream, bytes in output.receive(stream, bytes) })
        stop.untrack()
        output.add(use)
        let isTimedOut = watch.end()
        var execution = StepRunner.Execution(
            outcome: status == .exited(0) ? .success : .failure, exitCode: status.code)
        if !wasStopped, case .tooManyProcesses(let text) = job.stop.cause {
            execution.outcome = .failure
            output.annotate(Annotation(.error, text))
        } else if !wasStopped, job.stop.cause != nil {
            execution.outcome = .cancelled
        } else if execution.outcome == .failure, !isTimedOut {
            output.note("##[error]Process completed with exit code \(status.code).")
        }
        return (execution, isTimedOut)
    }

    /// Reads the files that the step wrote. A file with an error fails the step.
    private func collect(
        _ files: StepFiles, into execution: inout StepRunner.Execution, _ output: StepOutput
    ) -> [(String, String)] {
        let runner = StepRunner(job: job)
        func read(_ name: String, _ kind: StepFiles.Kind) -> [(name: String, value: String)] {
            do {
                return try CommandFile.parse(try files.content(kind))
            } catch {
                output.annotate(Annotation(.error, "Unable to process file command '\(name)' successfully."))
                output.annotate(Annotation(.error, StepRunner.text(error)))
                execution.outcome = .failure
                return []
            }
        }
        for (name, value) in read("env", .environment) { runner.setVariable(name, value, output) }
        for path in CommandFile.paths((try? files.content(.path)) ?? []) { job.addPath(path) }
        execution.outputs += read("output", .output).map { ($0.name, $0.value) }
        let state = read("save-state", .state).map { ($0.name, $0.value) }
        let summary = (try? files.content(.summary)) ?? []
        if files.isSummaryTooLarge || !summary.isEmpty && !job.addSummary(summary) {
            output.annotate(
                Annotation(.error, "$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k."))
        }
        return state
    }
}
