import Model
import Storage
import Testing

@testable import PlueActions

@Suite struct RunTests {
    @Test("4. a run tracks its state", arguments: ActionsDatabase.allCases)
    func aRunTracksItsState(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let run = try await platform.run(try await platform.workflow())
            #expect(run.status == .queued && run.startedAt == nil && run.triggerEvent == "push")
            #expect(run.commitSHA == "c0ffee" && run.branch == "main" && run.actorID == 7)
            let runner = try await platform.runner()
            let job = try #require(
                try await platform.actions.getQueuedJobs(run.id, by: Platform.user).first)
            let token = try #require(
                try await platform.actions.updateJobStatus(job.id, .inProgress, runner: runner.id, by: Platform.user))
            let started = try await platform.get(run)
            #expect(started.status == .inProgress && started.startedAt != nil)
            #expect(try await platform.actions.getJobExecution(job.id, by: Platform.user).runnerID == runner.id)
            try await platform.actions.completeJob(token, .success, outputs: ["a": "b"], by: Platform.user)
            let ended = try await platform.get(run)
            #expect(ended.status == .completed && ended.conclusion == .success && ended.completedAt != nil)
            #expect(
                await Platform.code {
                    try await platform.actions.cancelWorkflowRun(run.id, by: Platform.user)
                } == .illegalTransition)
            #expect(
                await Platform.code {
                    try await platform.actions.completeJob(token, .failure, by: Platform.user)
                } == .staleAssignment)
            let again = try await platform.actions.rerunWorkflowRun(run.id, by: Platform.user)
            #expect(again.status == .queued && again.attempt == 2 && again.runNumber == run.runNumber)
            #expect(try await platform.actions.getRunAttempts(run.id, by: Platform.user).map(\.number) == [1, 2])
        }
    }

    /// From each state that a job can be in to each state.
    @Test("4. illegal transitions are refused", arguments: ActionsDatabase.allCases)
    func illegalTransitions(_ database: ActionsDatabase) async throws {
        let legal: [JobStatus: Set<JobStatus>] = [
            .pending: [.cancelled], .queued: [.inProgress, .cancelled],
            .inProgress: [.completed, .failed, .cancelled], .completed: [], .failed: [], .cancelled: [],
        ]
        try await Platform.with(database) { platform in
            let runner = try await platform.runner()
            let jobs = "  a: {runs-on: x, steps: [{run: a}]}\n  b: {needs: a, runs-on: x, steps: [{run: a}]}"
            for from in JobStatus.allCases {
                for to in JobStatus.allCases {
                    let run = try await platform.run(jobs: jobs)
                    let all = try await platform.actions.getJobExecutions(run.id, by: Platform.user)
                    let job = try #require(all.first { $0.jobID == (from == .pending ? "b" : "a") })
                    if from != .pending, from != .queued {
                        try await platform.actions.updateJobStatus(
                            job.id, .inProgress, runner: runner.id, by: Platform.user)
                        if from != .inProgress {
                            try await platform.actions.updateJobStatus(job.id, from, by: Platform.user)
                        }
                    }
                    #expect(try await platform.actions.getJobExecution(job.id, by: Platform.user).status == from)
                    let code = await Platform.code {
                        try await platform.actions.updateJobStatus(job.id, to, runner: runner.id, by: Platform.user)
                    }
                    let now = try await platform.actions.getJobExecution(job.id, by: Platform.user).status
                    if legal[from]?.contains(to) == true {
                        #expect(code == nil && now == to, "\(from) to \(to): \(code as Any)")
                    } else {
                        #expect(code == .illegalTransition && now == from, "\(from) to \(to): \(code as Any)")
                    }
                    if try await !platform.get(run).status.isTerminal {
                        try await platform.actions.cancelWorkflowRun(run.id, by: Platform.user)
                    }
                    while let open = try await platform.actions.getJobExecutions(run.id, by: Platform.user)
                        .first(where: { !$0.status.isTerminal })
                    {
                        try await platform.actions.updateJobStatus(open.id, .cancelled, by: Platform.user)
                    }
                }
            }
        }
    }

    @Test("6. run numbers are sequential", arguments: ActionsDatabase.allCases)
    func runNumbersAreSequential(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let first = try await platform.workflow()
            let second = try await platform.workflow(Platform.ci, ".github/workflows/other.yml")
            #expect(try await platform.run(first).runNumber == 1)
            #expect(try await platform.run(first).runNumber == 2)
            #expect(try await platform.run(second).runNumber == 1)
            let numbers = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var own: [Int64] = []
                        for _ in 0..<25 { own.append(try await platform.run(first).runNumber) }
                        return own
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(numbers.sorted() == Array(3...202))
        }
    }

    @Test("13. concurrent runs and job executions", arguments: ActionsDatabase.allCases)
    func concurrentRuns(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let workflow = try await platform.workflow(
                """
                on: push
                jobs:
                  m: {runs-on: x, strategy: {matrix: {a: [1, 2, 3, 4]}}, steps: [{run: a}]}
                  end: {needs: m, runs-on: x, steps: [{run: a}]}
                """)
            let runs = try await withThrowingTaskGroup(of: WorkflowRun.self) { group in
                for _ in 0..<10 { group.addTask { try await platform.run(workflow) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let done = try await withThrowingTaskGroup(of: [JobExecutionID].self) { group in
                for number in 0..<6 {
                    group.addTask {
                        let runner = try await platform.runner("r\(number)", parallel: 3)
                        var own: [JobExecutionID] = []
                        // Another runner's last job may release more.
                        for _ in 0..<2_000 {
                            let jobs = try await platform.claim(runner, 3)
                            for job in jobs {
                                try await platform.complete(job)
                                own.append(job.execution.id)
                            }
                            let open = try await platform.rows("SELECT run_id FROM actions_live_runs LIMIT 1")
                            if jobs.isEmpty, open.isEmpty { break }
                        }
                        return own
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(done.count == 50 && Set(done).count == 50)
            for run in runs { #expect(try await platform.get(run).conclusion == .success) }
        }
    }

    @Test("13. constraint violations are typed errors", arguments: ActionsDatabase.allCases)
    func constraintViolations(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let actions = platform.actions
            let by = Platform.user
            func code(_ body: () async throws -> Void) async -> ActionsError.Code? { await Platform.code(body) }
            #expect(
                await code { _ = try await actions.createRepository(owner: "octo", name: "cat", by: by) } == .conflict)
            let workflow = Platform.ci
            #expect(
                await code {
                    _ = try await actions.createWorkflow(
                        yaml: workflow, filename: "a.yml", in: RepositoryID(99), by: by)
                } == .notFound)
            #expect(await code { _ = try await actions.getWorkflowRun(WorkflowRunID(99), by: by) } == .notFound)
            #expect(await code { _ = try await actions.getQueuedJobs(WorkflowRunID(99), by: by) } == .notFound)
            #expect(await code { _ = try await actions.getRunner(RunnerID(99), by: by) } == .notFound)
            #expect(await code { try await actions.heartbeat(RunnerID(99), by: by) } == .notFound)
            #expect(await code { try await actions.unregisterRunner(RunnerID(99), by: by) } == .notFound)
            #expect(await code { try await actions.deleteRepository(RepositoryID(99), by: by) } == .notFound)
            #expect(
                await code { try await actions.updateJobStatus(JobExecutionID(99), .cancelled, by: by) } == .notFound)
            #expect(
                await code {
                    _ = try await actions.registerRunner(
                        name: "r", scope: .repository(RepositoryID(99)), by: by)
                } == .notFound)
            for (jobs, expected) in [(0, true), (1, false), (1_000_000, false), (1_000_001, true), (Int.max, true)] {
                let refused = await code {
                    _ = try await actions.registerRunner(
                        name: "r\(jobs)", capabilities: RunnerCapabilities(maxParallelJobs: Int64(jobs)), by: by)
                }
                #expect((refused == .invalidInput) == expected, "\(jobs)")
            }
            let run = try await platform.run(try await platform.workflow())
            let stale = JobToken(executionID: JobExecutionID(1), fencingToken: 9)
            #expect(await code { try await actions.completeJob(stale, .success, by: by) } == .staleAssignment)
            #expect(
                await code {
                    try await actions.startStep(
                        stale, number: 1, name: "s", at: Timestamp(microseconds: 1), by: by)
                } == .staleAssignment)
            // A call that is refused leaves nothing: not even its first job.
            let fragment = try Workflow(jobs: [
                Job(id: "new", runsOn: "x", steps: [JobStep(run: "a")]),
                Job(id: "TEST", runsOn: "x", steps: [JobStep(run: "a")]),
            ])
            #expect(await code { try await actions.queueWorkflowJobs(run.id, fragment, by: by) } == .conflict)
            #expect(try await platform.states(run) == ["test": "queued"])
        }
    }
}
