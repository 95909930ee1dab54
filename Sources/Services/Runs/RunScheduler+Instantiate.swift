internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunScheduler {
    /// Makes one execution a job of the workflow, pending, with its needs. A job that has a matrix is one row until
    /// its `if` and matrix are evaluated, which may need the outputs of other jobs. Jobs without needs become ready.
    func instantiate(
        _ workflow: Workflow, version: Int64, under parent: JobExecution?, carried: [String: CarriedJob] = [:],
        hold: JobHold? = nil, on db: isolated any StorageConnection
    ) throws {
        var definitions: [String: Int64] = [:]
        for row in try db.run(Select("id", "job_key").from("actions_jobs").where("version_id = \(version)")) {
            definitions[try row["job_key"]] = try row["id"]
        }
        let callPath = parent.map { $0.callPath + $0.pathComponent } ?? ""
        var executions: [String: [ExecutionID]] = [:]
        let chosen = parent == nil ? selection.jobs(of: workflow) : RunSelection().jobs(of: workflow)
        for job in workflow.jobs where chosen.contains(job.id.lowercased()) {
            guard let definition = definitions[job.id] else {
                throw ServiceError(.notFound, "job \(job.id)", "version \(version) of its workflow has no such job")
            }
            if let kept = carried[job.id] {
                executions[job.id] = try insert(carried: kept, hold: hold, on: db)
                continue
            }
            let isCall = if case .call = job.body { true } else { false }
            let waits = !job.needs.isEmpty
            let id = try db.insert(
                Insert("actions_job_executions").values([
                    "repository_id": run.repositoryID, "workflow_run_id": run.id, "attempt_id": attemptID,
                    "job_id": definition, "parent_execution_id": parent?.id, "call_path": callPath,
                    "job_key": job.id, "kind": isCall ? JobExecution.Kind.call : .steps,
                    "name": displayName(job.literalName, under: parent),
                    "status": JobStatus.pending, "hold": hold ?? (waits ? JobHold.needs : nil), "created_at": .now,
                ]))
            executions[job.id] = [ID(id)]
        }
        try link(workflow, executions, skipping: Set(carried.keys), on: db)
        guard hold == nil else { return }
        // The last one pushed is released first: keep the order of the file.
        for job in workflow.jobs.reversed() where carried[job.id] == nil {
            guard let id = executions[job.id]?.first else { continue }
            if try execution(id, on: db).pendingNeeds == 0 { ready.append(id) }
        }
    }

    private func link(
        _ workflow: Workflow, _ executions: [String: [ExecutionID]], skipping carried: Set<String>,
        on db: isolated any StorageConnection
    ) throws {
        var edges: [[any Bindable]] = []
        for job in workflow.jobs {
            for id in executions[job.id] ?? [] {
                for needed in job.needs.flatMap({ executions[$0.id] ?? [] }) { edges.append([needed, id]) }
            }
        }
        guard !edges.isEmpty else { return }
        try db.run(Insert("actions_execution_needs").rows(["needs_execution_id", "execution_id"], edges))
        for job in workflow.jobs where !carried.contains(job.id) && !job.needs.isEmpty {
            guard let id = executions[job.id]?.first else { continue }
            // Those that were carried over from an earlier attempt have ended already.
            try db.run(
                Update("actions_job_executions")
                    .set(
                        "pending_needs",
                        sql: """
                            (SELECT count(*) FROM actions_execution_needs AS n JOIN actions_job_executions AS e
                            ON e.id = n.needs_execution_id WHERE n.execution_id = \(id) AND e.conclusion IS NULL)
                            """
                    )
                    .where("id = \(id)"))
        }
    }

    /// `caller / callee`
    func displayName(_ name: String, under parent: JobExecution?) -> String {
        parent.map { "\($0.name) / \(name)" } ?? name
    }
}

extension JobExecution {
    /// The part that this caller adds to the call path of the jobs that it calls.
    var pathComponent: String {
        matrixTotal > 1 ? "\(jobKey)#\(matrixIndex)/" : "\(jobKey)/"
    }
}

extension Job {
    /// The name as far as it is known before any expression is evaluated.
    var literalName: String {
        if case .string(let text)? = name?.kind, !text.isEmpty { return text }
        return id
    }
}
