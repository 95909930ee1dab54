internal import Model
internal import QueryBuilder
internal import Storage

/// Repositories with the same limits, and which of their rows are over these.
struct RetentionScope: Sendable {
    /// Nil: all but some.
    let repository: RepositoryID?
    let except: [Int64]
    let now: Timestamp
    let days: [RetentionClass: Int64]

    /// What ended before is over the limit.
    func cutoff(_ kind: RetentionClass) -> Timestamp {
        now.advanced(by: .seconds(-86_400 * (days[kind] ?? kind.defaultDays)))
    }

    /// Whether a column names a repository of them.
    func holds(_ column: SQL) -> SQL {
        if let repository { return "\(column) = \(repository)" }
        return except.isEmpty ? "1 = 1" : "\(column) NOT IN \(except)"
    }

    /// Ended runs `r` before that moment which nobody holds.
    static func runs(before moment: Timestamp) -> SQL {
        """
        r.completed_at < \(moment) AND NOT EXISTS (SELECT 1 FROM actions_legal_holds AS h
        WHERE h.repository_id = r.repository_id AND (h.run_id IS NULL OR h.run_id = r.id))
        """
    }

    /// Deliveries `v` before that moment in repositories that nobody holds. The newest thing that happened by itself
    /// stays: it tells whether a repository's schedules are idle.
    static func events(before moment: Timestamp) -> SQL {
        """
        v.created_at < \(moment) AND v.processed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM actions_legal_holds AS h
        WHERE h.repository_id = v.repository_id AND h.run_id IS NULL)
        AND v.id <> coalesce((SELECT max(n.id) FROM actions_events AS n WHERE n.repository_id = v.repository_id
        AND n.event <> 'schedule'), 0)
        """
    }

    /// No run refers to the delivery `v`, but those that are pruned anyway.
    func isUnused(prunesRuns: Bool) -> SQL {
        guard prunesRuns else { return "NOT EXISTS (SELECT 1 FROM actions_workflow_runs AS r WHERE r.event_id = v.id)" }
        return """
            NOT EXISTS (SELECT 1 FROM actions_workflow_runs AS r WHERE r.event_id = v.id
            AND NOT coalesce(\(Self.runs(before: cutoff(.runs))), 1 = 0))
            """
    }
}
