import Model
import Storage
import Testing

@testable import Services

/// Why a job waits, from facts alone.
@Suite struct WaitReasonTests {
    private static let now = Timestamp(microseconds: 1_000_000_000)

    private static func job(_ status: JobStatus, _ hold: JobHold? = nil) -> JobExecution {
        var job = JobExecution(
            id: ID(7), repositoryID: ID(1), runID: ID(3), attemptID: 1, jobID: 1, versionID: 1, jobKey: "a",
            kind: .steps, name: "a", createdAt: now)
        job.status = status
        job.hold = hold
        job.concurrencyKey = hold == .concurrency ? "g" : nil
        job.maxParallel = 2
        job.environment = "prod"
        return job
    }

    private static func facts(_ status: JobStatus, _ hold: JobHold? = nil) -> WaitFacts {
        WaitFacts(job: job(status, hold), now: now)
    }

    private static func match(
        _ id: Int64, _ obstacle: RunnerMatch.Obstacle?, labels: [String] = ["x"], _ status: String = "online"
    ) throws -> RunnerMatch {
        let values: [(String, Value)] = [
            ("id", .integer(id)), ("uuid", .text("u\(id)")), ("name", .text("r\(id)")), ("status", .text(status)),
            ("ephemeral", .boolean(false)), ("draining", .boolean(false)), ("paused_reason", .null),
            ("lock_path", .null), ("repository_id", .null), ("organization_id", .null),
            ("max_parallel_jobs", .integer(1)), ("docker_enabled", .boolean(false)), ("os", .text("linux")),
            ("version", .text("0")), ("runner_group_id", .null), ("created_at", .timestamp(now)),
        ]
        let rows = Rows(columns: Columns(values.map(\.0)), values: values.map(\.1), changes: 0)
        var runner = try Runner(try #require(rows.first))
        runner.labels = labels
        return RunnerMatch(runner: runner, load: 0, obstacle: obstacle)
    }

    @Test func whatDoesNotWait() {
        var ended = Self.facts(.cancelled)
        ended.job.conclusion = .cancelled
        ended.runHold = .pending
        #expect(WaitReason(ended) == .ended(.cancelled))
        var running = Self.facts(.inProgress)
        running.job.startedAt = Self.now
        running.runner = "r"
        #expect(WaitReason(running) == .running(runner: "r", since: Self.now))
        running.job.cancelRequestedAt = Self.now
        running.leaseUntil = Self.now
        #expect(WaitReason(running) == .stopping(runner: "r", since: Self.now))
        let before = Timestamp(microseconds: Self.now.microseconds - 1)
        running.leaseUntil = before
        #expect(WaitReason(running) == .lost(runner: "r", since: before))
        #expect(WaitReason(running).explanation.contains("r has it and does not speak"))
    }

    @Test func whatHoldsAPendingJob() {
        var needs = Self.facts(.pending, .needs)
        needs.needs = [WaitReason.Need(name: "b", status: .inProgress, hold: nil)]
        #expect(WaitReason(needs) == .needs(needs.needs))
        #expect(WaitReason(needs).explanation == "needs b (in_progress)")
        let holder = WaitReason.Holder(run: ID(2), number: 1, job: "z")
        var group = Self.facts(.pending, .concurrency)
        group.holder = holder
        #expect(WaitReason(group) == .concurrency(group: "g", holder: holder))
        var legs = Self.facts(.pending, .maxParallel)
        legs.legs = 2
        #expect(WaitReason(legs) == .maxParallel(running: 2, limit: 2))
        #expect(WaitReason(Self.facts(.pending, .gate)) == .gate(environment: "prod", reviewers: [], until: nil))
        // The run's group goes before whatever else its jobs wait for.
        for hold in [JobHold.run, .needs] {
            var run = Self.facts(.pending, hold)
            run.runHold = .pending
            run.runGroup = "deploy"
            run.holder = holder
            #expect(WaitReason(run) == .runConcurrency(group: "deploy", holder: holder))
        }
        var approval = Self.facts(.pending, .run)
        approval.runHold = .waiting
        #expect(WaitReason(approval) == .approval)
    }

    @Test func whatNoRunnerCanChange() throws {
        let pause = QueuePause(repositoryID: nil, reason: "upgrade", actor: "hubot", createdAt: Self.now)
        var facts = Self.facts(.queued)
        facts.matches = [try Self.match(1, nil)]
        facts.labels = ["x"]
        facts.pause = pause
        #expect(WaitReason(facts) == .paused(pause))
        #expect(WaitReason(facts).explanation == "the queue is paused by hubot: upgrade")
        // A local run is not paused.
        facts.boundRunner = "laptop"
        facts.ahead = 3
        #expect(WaitReason(facts) == .bound(runner: "laptop", ahead: 3))
        facts.notBefore = Timestamp(microseconds: Self.now.microseconds + 1)
        #expect(WaitReason(facts) == .delayed(until: Timestamp(microseconds: Self.now.microseconds + 1)))
        facts.notBefore = Self.now
        #expect(WaitReason(facts) == .bound(runner: "laptop", ahead: 3))
    }

    @Test func runners() throws {
        var facts = Self.facts(.queued)
        facts.labels = ["gpu", "x", "y"]
        #expect(WaitReason(facts) == .noRunner)
        facts.matches = [try Self.match(1, .outOfScope, labels: ["gpu", "x", "y"])]
        #expect(WaitReason(facts) == .noRunner)
        facts.matches += [
            try Self.match(2, .missingLabels(["gpu", "y"])),
            try Self.match(3, .missingLabels(["gpu"]), labels: ["x", "y"]),
        ]
        let nearest = WaitReason.Nearest(runner: ID(3), name: "r3", missing: ["gpu"])
        #expect(WaitReason(facts) == .noMatch(missing: ["gpu"], nearest: nearest))
        #expect(WaitReason(facts).explanation == "no runner has the label gpu; nearest is r3, which lacks gpu")
        // Each label is somewhere, but not together.
        facts.matches.append(try Self.match(4, .missingLabels(["x", "y"]), labels: ["gpu"]))
        #expect(WaitReason(facts) == .noMatch(missing: [], nearest: nearest))
        let all = ["gpu", "x", "y"]
        // One that its group keeps from it is nearer than one that is offline, or lacks a label; if it is online itself.
        let shut = facts
        facts.matches.append(try Self.match(20, .groupExcludesRepository("g"), labels: all, "offline"))
        #expect(WaitReason(facts) == WaitReason(shut))
        for extra in [[], [try Self.match(5, .offline, labels: all, "offline")]] {
            facts = shut
            facts.matches += extra + [try Self.match(21, .groupExcludesWorkflow("g"), labels: all)]
            #expect(WaitReason(facts) == .noAccess(groups: ["g"]))
        }
        facts = shut
        facts.matches.append(try Self.match(5, .offline, labels: all, "offline"))
        #expect(WaitReason(facts) == .offline(runners: ["r5"]))
        facts.matches += [
            try Self.match(6, .full, labels: all), try Self.match(7, .paused("disk"), labels: all),
            try Self.match(8, .draining, labels: all), try Self.match(9, .full, labels: all, "busy"),
        ]
        facts.ahead = 1
        #expect(WaitReason(facts) == .occupied(busy: 2, paused: 1, draining: 1, ahead: 1))
        #expect(
            WaitReason(facts).explanation
                == "no runner with its labels is free: 2 busy, 1 paused, 1 draining; 1 job ahead")
        facts.matches.append(try Self.match(10, nil, labels: all))
        #expect(WaitReason(facts) == .ahead(1))
        facts.ahead = 0
        #expect(WaitReason(facts) == .next)
    }

    @Test func estimates() {
        typealias Work = WaitEstimate.Work
        func at(_ seconds: Int64) -> Timestamp { Timestamp(microseconds: Self.now.microseconds + seconds * 1_000_000) }
        let second: Int64 = 1_000_000
        let works: [ExecutionID: Work] = [
            // Runs for 4 of its 10 seconds.
            ID(1): Work(reason: .running(runner: "r", since: at(-4)), duration: 10 * second, startedAt: at(-4)),
            // Ran over its time.
            ID(2): Work(reason: .running(runner: "r", since: at(-9)), duration: second, startedAt: at(-9)),
            ID(3): Work(reason: .needs([]), duration: 5 * second, needs: [ID(1), ID(2)]),
            ID(4): Work(reason: .needs([]), duration: 5 * second, needs: [ID(3), ID(9)]),
            ID(5): Work(
                reason: .occupied(busy: 2, paused: 0, draining: 0, ahead: 3), duration: 6 * second, capacity: 2,
                ahead: 3),
            ID(6): Work(reason: .ahead(1), duration: nil, capacity: 4, free: 2, ahead: 1),
            ID(7): Work(reason: .ahead(2), duration: nil, capacity: 4, free: 2, ahead: 2),
            ID(8): Work(reason: .noRunner, duration: second),
            ID(9): Work(reason: .gate(environment: "", reviewers: [], until: nil), duration: second),
        ]
        let times = WaitEstimate(now: Self.now, works).all()
        #expect(times[ID(1)] == .init(start: at(-4), end: at(6)))
        #expect(times[ID(2)] == .init(start: at(-9), end: at(0)))
        #expect(times[ID(3)] == .init(start: at(6), end: at(11)))
        #expect(times[ID(4)] == .init(start: nil, end: nil))
        // Four jobs of six seconds on two slots.
        #expect(times[ID(5)] == .init(start: at(12), end: at(18)))
        #expect(times[ID(6)] == .init(start: at(0), end: nil))
        #expect(times[ID(7)] == .init(start: nil, end: nil))
        #expect(times[ID(8)] == .init(start: nil, end: nil))
        #expect([Int64]().median == nil && [3, 1, 2].median == 2 && [4, 1, 2, 3].median == 2)
    }
}
