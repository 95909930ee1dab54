import Model
import Storage

@testable import Services

/// The same numbers from the base tables alone, the slow way: row by row, without days or buckets.
struct StatisticsOracle {
    struct Sums: Equatable {
        var conclusions: [String: Int64] = [:]
        var infrastructure: Int64 = 0
        var flaky: Int64 = 0
        var repeated: Int64 = 0
        var lostClaims: Int64 = 0
        var minutes: Int64 = 0
        var waits: [Int64] = []
        var takes: [Int64] = []
    }

    /// By `WORKFLOW JOB`; of runs without a job.
    private(set) var sums: [String: Sums] = [:]
    /// By name: claims and microseconds.
    private(set) var runners: [String: [Int64]] = [:]

    init(_ backend: any StorageBackend) async throws {
        let (jobs, runs, claims) = try await backend.read { db in
            (
                try db.execute(
                    Statement(
                        sql: """
                            SELECT e.*, r.workflow_id, a.run_id, a.attempt, a.conclusion AS ended
                            FROM actions_job_executions e JOIN actions_run_attempts a ON a.id = e.attempt_id
                            JOIN actions_workflow_runs r ON r.id = a.run_id ORDER BY e.id
                            """)),
                try db.execute(
                    Statement(
                        sql: """
                            SELECT a.*, r.workflow_id FROM actions_run_attempts a JOIN actions_workflow_runs r
                            ON r.id = a.run_id WHERE a.conclusion IS NOT NULL
                            """)),
                try db.execute(
                    Statement(
                        sql: """
                            SELECT s.*, n.lock_path FROM actions_job_assignments s JOIN actions_job_executions e ON e.id = s.execution_id
                            JOIN actions_run_attempts a ON a.id = e.attempt_id JOIN actions_runners n
                            ON n.id = s.runner_id WHERE a.conclusion IS NOT NULL
                            """))
            )
        }
        for row in runs {
            let isAgain = try row["attempt"] as Int64 > 1
            try add(
                "\(try row["workflow_id"] as Int64) ", row["conclusion"], row["created_at"], row["run_started_at"],
                row["completed_at"]
            ) { $0.repeated += isAgain ? 1 : 0 }
        }
        // By leg and attempt.
        var results: [String: String] = [:]
        var faults: [Int64: String] = [:]
        for row in jobs {
            let (id, run, attempt) = (try row["id"] as Int64, try row["run_id"] as Int64, try row["attempt"] as Int64)
            let conclusion = try row["conclusion"] as String? ?? ""
            let source = try row["source_execution_id"] as Int64?
            let fault = try row["failure_class"] as String? ?? source.flatMap { faults[$0] } ?? ""
            faults[id] = fault
            let (path, key) = (try row["call_path"] as String, try row["job_key"] as String)
            let leg = "\(run) \(path)\(key) \(try row["matrix_index"] as Int64)"
            results["\(leg) \(attempt)"] = "\(conclusion) \(fault)"
            guard source == nil, try row["kind"] as String == "steps", try row["ended"] as String? != nil else {
                continue
            }
            let name = path.split(separator: "/").map { $0.split(separator: "#")[0] + "/" }.joined() + key
            let isFlaky = conclusion == "success" && results["\(leg) \(attempt - 1)"] == "failure user"
            let lost = try row["lost_claims"] as Int64
            try add(
                "\(try row["workflow_id"] as Int64) \(name)", conclusion, row["queued_at"], row["started_at"],
                row["completed_at"]
            ) { sums in
                sums.infrastructure += conclusion == "failure" && fault == "infrastructure" ? 1 : 0
                sums.flaky += isFlaky ? 1 : 0
                sums.repeated += attempt > 1 ? 1 : 0
                sums.lostClaims += lost
            }
        }
        for row in claims {
            let (from, to) = (try row["claimed_at"] as Timestamp, try row["finished_at"] as Timestamp)
            let name = try row["lock_path"] as String? == nil ? try row["runner_name"] as String : "(others)"
            let known = runners[name] ?? [0, 0]
            runners[name] = [known[0] + 1, known[1] + to.microseconds - from.microseconds]
        }
    }

    private mutating func add(
        _ key: String, _ conclusion: String, _ queued: Timestamp?, _ started: Timestamp?, _ completed: Timestamp,
        _ more: (inout Sums) -> Void
    ) throws {
        var own = sums[key] ?? Sums()
        own.conclusions[conclusion, default: 0] += 1
        if let started {
            own.waits.append(max(0, started.microseconds - (queued ?? started).microseconds))
            let took = max(0, completed.microseconds - started.microseconds)
            own.takes.append(took)
            own.minutes += Int64((Double(took) / 60_000_000).rounded(.up))
        }
        more(&own)
        sums[key] = own
    }

    /// What is not the same in the statistics; nothing when all is well.
    func differences(from found: Statistics) -> [String] {
        var wrong: [String] = []
        var seen: Set<String> = []
        for entry in found.entries {
            let key = "\(entry.workflow) \(entry.job ?? "")"
            seen.insert(key)
            guard let own = sums[key] else {
                wrong.append("\(key) is nowhere")
                continue
            }
            func count(_ words: String...) -> Int64 { words.reduce(0) { $0 + (own.conclusions[$1] ?? 0) } }
            let counts = entry.counts
            let minutes =
                entry.job == nil
                ? sums.filter { $0.key.hasPrefix(key) && $0.key != key }.values.reduce(0) { $0 + $1.minutes }
                : own.minutes
            let expected = [
                count("success", "neutral"), count("failure", "startup_failure"), count("cancelled"), count("skipped"),
                own.infrastructure, own.flaky, own.repeated, own.lostClaims, Int64(own.takes.count),
                own.waits.reduce(0, +), own.takes.reduce(0, +), minutes,
            ]
            let stored = [
                counts.succeeded, counts.failed, counts.cancelled, counts.skipped, counts.infrastructure, counts.flaky,
                counts.repeated, counts.lostClaims, counts.executed, counts.queueMicroseconds, counts.runMicroseconds,
                counts.minutes,
            ]
            if stored != expected { wrong.append("\(key): \(stored), not \(expected)") }
            for (histogram, times) in [(entry.queueTimes, own.waits), (entry.runTimes, own.takes)] {
                for rank in [0.0, 0.5, 0.9, 0.99, 1.0] where !times.isEmpty {
                    let place = max(0, Int((rank * Double(times.count)).rounded(.up)) - 1)
                    let exact = times.sorted()[place]
                    let told = histogram.percentile(rank) ?? -1
                    if abs(told - exact) * 16 > max(exact, 16) {
                        wrong.append("\(key) p\(rank): \(told), not \(exact)")
                    }
                }
                if Int(histogram.count) != times.count { wrong.append("\(key): \(histogram.count) times") }
            }
        }
        wrong += Set(sums.keys).subtracting(seen).map { "\($0) is missing" }
        let uses = Dictionary(
            uniqueKeysWithValues: found.runners.map { ($0.name ?? "(others)", [$0.claims, $0.busyMicroseconds]) })
        if uses != runners { wrong.append("runners \(uses), not \(runners)") }
        return wrong
    }
}
