internal import Model
internal import QueryBuilder
internal import Storage

/// Job executions as rows to insert, however they came to be: new jobs, legs of a matrix, copies for a re-run.
enum ExecutionRows {
    private static let columns: [StaticString] = [
        "id", "repository_id", "workflow_run_id", "attempt_id", "job_id", "parent_execution_id", "source_execution_id",
        "call_path", "job_key", "kind", "name", "matrix", "matrix_index", "matrix_total", "expanded", "fail_fast",
        "max_parallel", "continue_on_error", "inputs", "label_set_id", "environment", "priority", "concurrency_key",
        "concurrency_cancels", "concurrency_depth", "pending_needs", "status", "hold", "conclusion", "status_reason",
        "outputs", "created_at", "queued_at", "started_at", "completed_at",
    ]

    static func insert(_ executions: [JobExecution]) -> Insert {
        Insert("actions_job_executions").rows(columns, executions.map(values))
    }

    private static func values(_ job: JobExecution) -> [any Bindable] {
        [
            job.id, job.repositoryID, job.runID, job.attemptID, job.jobID, job.parentID, job.sourceID,
            job.callPath, job.jobKey, job.kind.rawValue, job.name, json(job.matrix), job.matrixIndex, job.matrixTotal,
            job.isExpanded, job.failFast, job.maxParallel, job.continueOnError, json(job.inputs), job.labelSetID,
            job.environment, job.priority, job.concurrencyKey, job.concurrencyCancels, job.concurrencyDepth,
            job.pendingNeeds, job.status.rawValue, job.hold?.rawValue, job.conclusion?.rawValue,
            job.statusReason?.rawValue, json(job.outputs), job.createdAt, job.queuedAt, job.startedAt, job.completedAt,
        ]
    }

    private static func json(_ text: String?) -> any Bindable {
        if let text { return SQL.json(text) }
        return Term.null
    }
}
