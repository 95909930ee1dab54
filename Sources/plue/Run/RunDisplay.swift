internal import Glibc
internal import Model
internal import Services

/// Follows the live events of a command's runs with the renderer that the options ask for.
struct RunDisplay {
    let services: Services
    let options: DisplayOptions
    /// Whether later commands can show the run.
    var hasHistory = true

    private enum Item: Sendable {
        case event(RunEvent)
        case tick
    }

    /// Shows events until `services.events.finish()`.
    func follow() -> Task<Void, Never> {
        let (items, feed) = AsyncStream.makeStream(of: Item.self)
        let events = services.events.subscribe()
        let interval = isLive ? Duration.milliseconds(100) : .seconds(1)
        let ticker = Task.detached {
            while (try? await Task.sleep(for: interval)) != nil { feed.yield(.tick) }
        }
        Task.detached {
            for await event in events { feed.yield(.event(event)) }
            ticker.cancel()
            feed.finish()
        }
        let display = self
        return Task.detached {
            var jobs: [RunID: [JobExecution]] = [:]
            var own: Set<RunID> = []
            var endedJobs: Set<ExecutionID> = []
            var endedRuns: Set<RunID> = []
            let ndjson = display.options.json ? NDJSONRenderer() : nil
            let terminal = display.options.json ? nil : display.terminalRenderer()
            for await item in items {
                guard case .event(let event) = item else {
                    terminal?.tick()
                    continue
                }
                // A run of this command may end or release one of another: that one is shown by whoever started it.
                if case .runStarted(let run, _) = event { own.insert(run.id) }
                if let run = event.runID, !own.contains(run) { continue }
                // A run that ends while it is made is told again by the runner, which did not listen yet.
                switch event {
                case .jobFinished(let job, _):
                    guard endedJobs.insert(job.id).inserted else { continue }
                    jobs[job.runID, default: []].append(job)
                case .runFinished(let run):
                    guard endedRuns.insert(run.id).inserted else { continue }
                    ndjson?.exitCodes[run.id] = RunResult.exitCode(run, jobs: jobs[run.id] ?? [])
                default: break
                }
                ndjson?.handle(event)
                terminal?.handle(event)
            }
            ndjson?.finish()
            terminal?.finish()
        }
    }

    private var isLive: Bool {
        switch options.progress {
        case .tty: true
        case .plain, .quiet: false
        case .auto:
            isatty(STDERR_FILENO) == 1 && Directories.variable("TERM") != "dumb" && Directories.variable("CI") == nil
        }
    }

    private func terminalRenderer() -> TerminalRenderer {
        TerminalRenderer(
            style: .standardError, isLive: isLive && !options.verbose, streamsLogs: options.verbose,
            isQuiet: options.progress == .quiet,
            hasHistory: hasHistory)
    }

    /// The exit code of all runs.
    func conclude(_ runs: [RunID]) async throws -> Int32 {
        var codes: [Int32] = []
        for id in runs {
            guard let summary = try await services.history.run(id) else { continue }
            codes.append(RunResult.exitCode(summary.run, jobs: try await services.history.jobs(of: id)))
        }
        return RunResult.worst(codes)
    }
}
