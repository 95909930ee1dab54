internal import Model
internal import QueryBuilder
internal import Storage

/// Queued jobs as entries of the queue.
///
/// The rank is the class of the priority and, within it, a virtual time: a repository's next job stands one behind its
/// last, but not before what is handed out now. So the first job of a repository that has none waiting goes next, however
/// many others have (start-time fair queueing).
enum QueueRows {
    /// Ranks of a class of priority.
    private static let classWidth: Int64 = 1 << 40

    /// Of an entry `q`: its run is not one that a single runner alone may execute.
    static let isForAnyRunner: SQL =
        "NOT EXISTS (SELECT 1 FROM actions_live_runs AS l WHERE l.run_id = q.workflow_run_id AND l.runner_id IS NOT NULL)"

    private static let columns: [StaticString] = [
        "label_set_id", "rank", "execution_id", "workflow_run_id", "repository_id", "queued_at",
    ]

    /// The class of a rank: a higher priority has a lower one.
    static func priorityClass(of rank: Int64) -> Int64 {
        // Rounded down.
        rank >= 0 ? rank / classWidth : (rank + 1) / classWidth - 1
    }

    /// At the head of their class: jobs of a run that one runner alone may execute, and those that are taken back.
    static func first(_ jobs: [JobExecution]) -> Insert {
        Insert("actions_job_queue").rows(
            columns,
            jobs.map { job in
                [
                    job.labelSetID, -job.priority * classWidth, job.id, job.runID, job.repositoryID,
                    job.queuedAt ?? job.createdAt,
                ]
            })
    }

    /// Behind the jobs of the same repository that wait. The executions are stored; each has its label set and the time
    /// at which it was queued.
    static func fair(_ jobs: [JobExecution]) -> Insert {
        let ids = jobs.map(\.id.rawValue)
        // One look at both ends for each set, repository and priority.
        let groups = Select(
            "g.label_set_id", "g.repository_id", "g.priority",
            """
            (SELECT max(u.place) FROM (SELECT -g.priority * \(classWidth) AS place
            UNION ALL SELECT min(q.rank) FROM actions_job_queue AS q WHERE q.label_set_id = g.label_set_id
            AND q.rank >= -g.priority * \(classWidth) AND q.rank < (1 - g.priority) * \(classWidth)
            UNION ALL SELECT max(q.rank) + 1 FROM actions_job_queue AS q WHERE q.repository_id = g.repository_id
            AND q.label_set_id = g.label_set_id
            AND q.rank >= -g.priority * \(classWidth) AND q.rank < (1 - g.priority) * \(classWidth)) AS u) AS place
            """
        )
        .from(
            Select("e.label_set_id", "e.repository_id", "e.priority").from("actions_job_executions AS e")
                .where("e.id IN \(ids)").groupBy("e.label_set_id", "e.repository_id", "e.priority"), as: "g")
        return Insert("actions_job_queue").select(
            columns,
            Select(
                "e.label_set_id",
                "b.place + row_number() OVER (PARTITION BY e.label_set_id, e.priority ORDER BY e.id) - 1", "e.id",
                "e.workflow_run_id", "e.repository_id", "coalesce(e.queued_at, e.created_at)"
            )
            .from("actions_job_executions AS e")
            .join(
                "\(groups) AS b",
                on: "b.label_set_id = e.label_set_id AND b.repository_id = e.repository_id AND b.priority = e.priority"
            ).where("e.id IN \(ids)"))
    }
}
