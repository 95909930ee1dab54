internal import Model
internal import QueryBuilder
internal import Storage

/// Queued jobs as entries of the queue.
enum QueueRows {
    /// Each has its label set and the time at which it was queued.
    static func insert(_ jobs: [JobExecution]) -> Insert {
        Insert("actions_job_queue").rows(
            ["label_set_id", "rank", "execution_id", "workflow_run_id", "repository_id", "queued_at"],
            jobs.map { job in
                // A higher priority goes first.
                [job.labelSetID, -job.priority, job.id, job.runID, job.repositoryID, job.queuedAt ?? job.createdAt]
            })
    }
}
