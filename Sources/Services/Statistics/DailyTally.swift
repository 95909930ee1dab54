internal import Model
internal import QueryBuilder
internal import Storage

/// What some attempts add to the daily tables.
struct DailyTally {
    struct JobKey: Hashable {
        var workflow: Int64
        var day: Int64
        /// Empty: of the runs.
        var path: String
        var repository: Int64
    }

    struct TimeKey: Hashable {
        enum Measure: String {
            case queue, run
        }

        var job: JobKey
        var measure: Measure
        var bucket: Int64
    }

    struct RunnerKey: Hashable {
        var repository: Int64
        var day: Int64
        var name: String
    }

    struct StepKey: Hashable {
        var job: JobKey
        /// As the `steps` context has it.
        var step: String
    }

    /// When something was queued, started and ended.
    struct Times {
        var queuedAt: Timestamp?
        var startedAt: Timestamp?
        var completedAt: Timestamp
    }

    private(set) var jobs: [JobKey: JobCounts] = [:]
    private(set) var times: [TimeKey: Int64] = [:]
    private(set) var steps: [StepKey: (name: String, counts: StepCounts)] = [:]
    private(set) var runners: [RunnerKey: (claims: Int64, busy: Int64)] = [:]

    /// A run's attempt, or a job's execution.
    mutating func add(_ key: JobKey, _ counts: JobCounts, _ when: Times) {
        var counts = counts
        if let startedAt = when.startedAt {
            let waited = max(0, startedAt.microseconds - (when.queuedAt ?? startedAt).microseconds)
            let took = max(0, when.completedAt.microseconds - startedAt.microseconds)
            counts.executed = 1
            counts.queueMicroseconds = waited
            counts.runMicroseconds = took
            if !key.path.isEmpty { counts.minutes = (took + 59_999_999) / 60_000_000 }
            for (measure, microseconds) in [(TimeKey.Measure.queue, waited), (.run, took)] {
                times[
                    TimeKey(job: key, measure: measure, bucket: TimeHistogram.bucket(of: microseconds)), default: 0] +=
                    1
            }
        }
        jobs[key, default: JobCounts()] = (jobs[key] ?? JobCounts()) + counts
    }

    /// The last name that is added stays.
    mutating func add(_ key: StepKey, name: String, _ counts: StepCounts) {
        steps[key] = (name, (steps[key]?.counts ?? StepCounts()) + counts)
    }

    mutating func add(_ key: RunnerKey, from claimed: Timestamp, to finished: Timestamp) {
        let (claims, busy) = runners[key] ?? (0, 0)
        runners[key] = (claims + 1, busy + max(0, finished.microseconds - claimed.microseconds))
    }

    /// Adds it to the tables, the rows in one order, so that two of these wait for each other at most.
    func queries() -> [any Query] {
        let jobs = jobs.sorted { a, b in a.key < b.key }.map { key, counts -> [any Bindable] in
            [key.workflow, key.day, key.path, key.repository] + counts.values
        }
        let times = times.sorted { a, b in
            (a.key.job, a.key.measure.rawValue, a.key.bucket) < (b.key.job, b.key.measure.rawValue, b.key.bucket)
        }.map { key, count -> [any Bindable] in
            [
                key.job.workflow, key.job.day, key.job.path, key.measure.rawValue, key.bucket, key.job.repository,
                count,
            ]
        }
        let steps = steps.sorted { a, b in (a.key.job, a.key.step) < (b.key.job, b.key.step) }.map {
            key, value -> [any Bindable] in
            [
                key.job.workflow, key.job.day, key.job.path, key.step, key.job.repository,
                String(value.name.prefix(255)), value.counts.executed, value.counts.failed, value.counts.flaky,
                value.counts.runMicroseconds, value.counts.cpuMicroseconds, value.counts.peakMemoryBytes,
            ]
        }
        let runners = runners.sorted { a, b in
            (a.key.repository, a.key.day, a.key.name) < (b.key.repository, b.key.day, b.key.name)
        }.map { key, sums -> [any Bindable] in [key.repository, key.day, key.name, sums.claims, sums.busy] }
        return [
            Insert("actions_daily_jobs").rows(
                ["workflow_id", "day", "job_path", "repository_id"] + JobCounts.columns, jobs
            ).onConflict(
                "workflow_id, day, job_path",
                .doUpdate(set: [
                    "succeeded": .sql("actions_daily_jobs.succeeded + excluded.succeeded"),
                    "failed": .sql("actions_daily_jobs.failed + excluded.failed"),
                    "cancelled": .sql("actions_daily_jobs.cancelled + excluded.cancelled"),
                    "skipped": .sql("actions_daily_jobs.skipped + excluded.skipped"),
                    "infrastructure": .sql("actions_daily_jobs.infrastructure + excluded.infrastructure"),
                    "timed_out": .sql("actions_daily_jobs.timed_out + excluded.timed_out"),
                    "flaky": .sql("actions_daily_jobs.flaky + excluded.flaky"),
                    "repeated": .sql("actions_daily_jobs.repeated + excluded.repeated"),
                    "lost_claims": .sql("actions_daily_jobs.lost_claims + excluded.lost_claims"),
                    "executed": .sql("actions_daily_jobs.executed + excluded.executed"),
                    "queue_microseconds": .sql("actions_daily_jobs.queue_microseconds + excluded.queue_microseconds"),
                    "run_microseconds": .sql("actions_daily_jobs.run_microseconds + excluded.run_microseconds"),
                    "minutes": .sql("actions_daily_jobs.minutes + excluded.minutes"),
                ])),
            Insert("actions_daily_times").rows(
                ["workflow_id", "day", "job_path", "measure", "bucket", "repository_id", "count"], times
            ).onConflict(
                "workflow_id, day, job_path, measure, bucket",
                .doUpdate(set: ["count": .sql("actions_daily_times.count + excluded.count")])),
            Insert("actions_daily_steps").rows(
                [
                    "workflow_id", "day", "job_path", "step", "repository_id", "name", "executed", "failed", "flaky",
                    "run_microseconds", "cpu_microseconds", "peak_memory_bytes",
                ], steps
            ).onConflict(
                "workflow_id, day, job_path, step",
                .doUpdate(set: [
                    "name": .sql("excluded.name"),
                    "executed": .sql("actions_daily_steps.executed + excluded.executed"),
                    "failed": .sql("actions_daily_steps.failed + excluded.failed"),
                    "flaky": .sql("actions_daily_steps.flaky + excluded.flaky"),
                    "run_microseconds": .sql("actions_daily_steps.run_microseconds + excluded.run_microseconds"),
                    "cpu_microseconds": .sql("actions_daily_steps.cpu_microseconds + excluded.cpu_microseconds"),
                    "peak_memory_bytes": .sql(
                        """
                        CASE WHEN actions_daily_steps.peak_memory_bytes > excluded.peak_memory_bytes
                        THEN actions_daily_steps.peak_memory_bytes ELSE excluded.peak_memory_bytes END
                        """),
                ])),
            Insert("actions_daily_runners").rows(
                ["repository_id", "day", "runner_name", "claims", "busy_microseconds"], runners
            ).onConflict(
                "repository_id, day, runner_name",
                .doUpdate(set: [
                    "claims": .sql("actions_daily_runners.claims + excluded.claims"),
                    "busy_microseconds": .sql(
                        "actions_daily_runners.busy_microseconds + excluded.busy_microseconds"),
                ])),
        ]
    }
}

extension DailyTally.JobKey: Comparable {
    static func < (a: Self, b: Self) -> Bool {
        (a.workflow, a.day, a.path) < (b.workflow, b.day, b.path)
    }
}

extension JobCounts {
    static func + (a: JobCounts, b: JobCounts) -> JobCounts {
        var sum = a
        sum.succeeded += b.succeeded
        sum.failed += b.failed
        sum.cancelled += b.cancelled
        sum.skipped += b.skipped
        sum.infrastructure += b.infrastructure
        sum.timedOut += b.timedOut
        sum.flaky += b.flaky
        sum.repeated += b.repeated
        sum.lostClaims += b.lostClaims
        sum.executed += b.executed
        sum.queueMicroseconds += b.queueMicroseconds
        sum.runMicroseconds += b.runMicroseconds
        sum.minutes += b.minutes
        return sum
    }
}

extension Timestamp {
    /// YYYYMMDD in UTC.
    var day: Int64 {
        let digits = iso8601.prefix(10).filter { $0 != "-" }
        return Int64(digits) ?? 19700101
    }
}
