internal import Model
internal import QueryBuilder
internal import Storage

extension ConcurrencySlots {
    /// Whether the job would wait for what waits for it: its group is held by its own run or a call above it, or by
    /// another run or call that waits, through its jobs and their groups, for one of these. A group that a job with
    /// steps holds is given back by itself.
    func wouldWaitForItself(
        _ job: JobExecution, _ key: String, on db: isolated any StorageConnection
    ) throws -> Bool {
        // Else two that begin to wait for each other at once would each see the other not waiting yet.
        try lock(key, on: db)
        var seen: Set<String> = [key]
        var open = [key]
        while let next = open.popLast() {
            let holder = try db.first(
                Select("run_id", "execution_id").from("actions_concurrency_slots")
                    .where("repository_id = \(scheduler.run.repositoryID)").and("key_folded = \(next)")
                    .and("state = 'running'"))
            guard let holder else { continue }
            var waiting = Select("DISTINCT concurrency_key AS k").from("actions_job_executions")
                .where("workflow_run_id = \(try holder["run_id"] as Int64)").and("hold = 'concurrency'")
            if let id = try holder["execution_id"] as Int64? {
                let held = try scheduler.execution(ID(id), on: db)
                guard held.kind == .call else { continue }
                if try isAbove(held, job, on: db) { return true }
                let below = held.callPath + held.pathComponent
                waiting = waiting.and(
                    "substr(call_path, 1, CAST(\(Int64(below.unicodeScalars.count)) AS INTEGER)) = \(below)")
            } else if try holder["run_id"] as Int64 == job.runID.rawValue {
                return true
            }
            for row in try db.run(waiting) {
                if let found = try row["k"] as String?, seen.insert(found).inserted { open.append(found) }
            }
        }
        return false
    }

    private func isAbove(
        _ call: JobExecution, _ job: JobExecution, on db: isolated any StorageConnection
    ) throws -> Bool {
        var above = job.parentID
        while let id = above {
            if id == call.id { return true }
            above = try scheduler.execution(id, on: db).parentID
        }
        return false
    }
}
