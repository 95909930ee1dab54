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
    ///
    /// A probe of each row, and no join: of those the planner expects so few rows to be left that it reads and sorts all of
    /// a label set for the first two.
    static let isForAnyRunner: SQL =
        "(SELECT count(*) FROM actions_live_runs AS l WHERE l.run_id = q.workflow_run_id AND l.runner_id IS NOT NULL) < 1"

    /// Of `actions_job_queue AS q`: neither the queue nor the repository is paused. A probe as well.
    static let isNotPaused: SQL =
        "(SELECT count(*) FROM actions_queue_pauses AS u WHERE u.repository_id IS NULL OR u.repository_id = q.repository_id) < 1"

    private static let columns: [StaticString] = [
        "label_set_id", "rank", "execution_id", "workflow_run_id", "repository_id", "queued_at",
    ]

    /// The class of a rank: a higher priority has a lower one.
    static func priorityClass(of rank: Int64) -> Int64 {
        // Rounded down.
        rank >= 0 ? rank / classWidth : (rank + 1) / classWidth - 1
    }

    /// At the head of their class: jobs of a run that one runner alone may execute, and those that are taken back.
    static func first(_ jobs: [JobExecution], _ changes: Changes) -> Insert {
        for job in jobs { changes.note(queued: job, from: start(of: job.priority)) }
        return Insert("actions_job_queue").rows(
            columns,
            jobs.map { job in
                [
                    job.labelSetID, start(of: job.priority), job.id, job.runID, job.repositoryID,
                    job.queuedAt ?? job.createdAt,
                ]
            })
    }

    /// Behind the jobs of the same repository that wait. The executions are stored; each has its label set and the time
    /// at which it was queued.
    static func fair(
        _ jobs: [JobExecution], _ changes: Changes, marks: QueueMarks, for dialect: Dialect
    ) throws -> Insert {
        // One look at both ends for each set, repository and priority.
        var groups: [[Int64]: Int64] = [:]
        for job in jobs {
            guard let set = job.labelSetID else { continue }
            let start = start(of: job.priority)
            // Below the mark is nothing to be compared with.
            let mark = marks.lowestRank(of: set) ?? start
            let place = start..<start + classWidth ~= mark ? mark : start
            groups[[set, job.repositoryID.rawValue, job.priority]] = place
            changes.note(queued: job, from: place)
        }
        let rows = groups.map { key, place in (key + [place]).map { Value.integer($0) } }
        let places = try Select(
            "g.label_set_id", "g.repository_id", "g.priority",
            """
            (SELECT max(u.place) FROM (SELECT g.place AS place
            UNION ALL SELECT min(q.rank) FROM actions_job_queue AS q WHERE q.label_set_id = g.label_set_id
            AND q.rank >= g.place AND q.rank < (1 - g.priority) * \(classWidth)
            UNION ALL SELECT max(q.rank) + 1 FROM actions_job_queue AS q WHERE q.repository_id = g.repository_id
            AND q.label_set_id = g.label_set_id
            AND q.rank >= g.place AND q.rank < (1 - g.priority) * \(classWidth)) AS u) AS place
            """
        )
        .from(Self.groups.sql("g", Self.groups.value(rows, for: dialect)))
        // Each is looked for once: a grouped table is not looked into for each of the jobs.
        .groupBy("g.label_set_id", "g.repository_id", "g.priority", "g.place")
        return Insert("actions_job_queue").select(
            columns,
            Select(
                "e.label_set_id",
                "b.place + row_number() OVER (PARTITION BY e.label_set_id, e.priority ORDER BY e.id) - 1", "e.id",
                "e.workflow_run_id", "e.repository_id", "coalesce(e.queued_at, e.created_at)"
            )
            .from("actions_job_executions AS e")
            .join(
                "\(places) AS b",
                on: "b.label_set_id = e.label_set_id AND b.repository_id = e.repository_id AND b.priority = e.priority"
            ).where("e.id IN \(jobs.map(\.id.rawValue))"))
    }

    private static let groups = RowTable([
        ("label_set_id", .integer), ("repository_id", .integer), ("priority", .integer), ("place", .integer),
    ])

    private static func start(of priority: Int64) -> Int64 { -priority * classWidth }
}
