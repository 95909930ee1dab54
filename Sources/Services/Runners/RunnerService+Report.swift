public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension RunnerService {
    /// Stores what happened in a job since the last report: one transaction.
    public func report(_ reports: [JobReport], of assignment: JobAssignment, by principal: Principal) async throws {
        try await services.access.check(.runnerWork, .job(assignment.executionID), by: principal)
        guard !reports.isEmpty else { return }
        let reports = services.masks.mask(reports, of: assignment.token).map(\.withoutNUL)
        try await services.transaction { db, changes in
            try Self.checkLease(assignment.token, on: db)
            for report in reports { try Self.store(report, of: assignment, changes, by: principal, on: db) }
        }
    }

    static func store(
        _ report: JobReport, of assignment: JobAssignment, _ changes: Changes, by principal: Principal,
        on db: isolated any StorageConnection
    ) throws {
        let execution = assignment.executionID
        switch report {
        case .stepStarted(let number, let name, let contextName, let action, let at):
            try db.run(
                Insert("actions_steps").values([
                    "assignment_id": assignment.id, "number": number, "name": name, "context_name": contextName,
                    "action": action, "status": StepStatus.inProgress, "started_at": Timestamp(microseconds: at),
                ]).onConflict("assignment_id, number", .doNothing))
            changes.events.append(.stepStarted(execution, number: number, name: name))
        case .stepFinished(let result, let firstLine, let lineCount, let at):
            let end = Timestamp(microseconds: at)
            let changed = try db.run(
                Update("actions_steps").set("status", result.conclusion.status).set("name", result.name)
                    .set("outcome", result.outcome).set("conclusion", result.conclusion)
                    .set("exit_code", result.exitCode).set("log_first_line", firstLine)
                    .set("log_line_count", lineCount).set("cpu_microseconds", result.use?.cpuMicroseconds)
                    .set("peak_memory_bytes", result.use?.peakMemoryBytes)
                    // The runner's clock may have been set back meanwhile.
                    .set("completed_at", sql: "CASE WHEN started_at > \(end) THEN started_at ELSE \(end) END")
                    .where("assignment_id = \(assignment.id)").and("number = \(result.number)")
                    .and("conclusion IS NULL")
            ).changes
            if changed == 0 { try checkBegan(result.number, of: assignment, on: db) }
            changes.events.append(.stepFinished(execution, result))
        case .log(let sequence, let firstLine, let firstByte, let lines):
            try LogService.append(
                lines, sequence: sequence, firstLine: firstLine, firstByte: firstByte, of: assignment, on: db)
            changes.events.append(.log(execution, firstLine: firstLine, lines))
        case .annotation(let step, let annotation):
            try db.run(
                Insert("actions_annotations").values([
                    "assignment_id": assignment.id, "step_number": step, "level": annotation.level,
                    "message": annotation.message, "title": annotation.title, "file": annotation.file,
                    "line": annotation.line, "end_line": annotation.endLine, "column_number": annotation.column,
                    "end_column": annotation.endColumn, "created_at": .now,
                ]))
            changes.events.append(.annotation(execution, step: step, annotation))
        case .summary(let step, let content):
            try db.run(
                Insert("actions_summaries").values([
                    "assignment_id": assignment.id, "step_number": step, "content": content,
                ]).onConflict("assignment_id, step_number", .doUpdate(set: ["content": content])))
        case .variable(let step, let name, let isRefused):
            let repository: Int64 = try db.one(
                Select("repository_id").from("actions_job_executions").where("id = \(execution)"))["repository_id"]
            var entry = AuditEntry(
                .jobEnvironment, .job, execution.rawValue, repository: ID(repository),
                after: [("variable", .string(name)), ("step", .number(Double(step)))])
            if isRefused { entry.outcome = .denied }
            try AuditLog.record(entry, by: principal, on: db)
        }
    }

    /// A step that ended stays as it is; one that never began cannot end.
    private static func checkBegan(
        _ step: Int64, of assignment: JobAssignment, on db: isolated any StorageConnection
    ) throws {
        let known = try db.first(
            Select("number").from("actions_steps").where("assignment_id = \(assignment.id)")
                .and("number = \(step)"))
        if known == nil {
            throw ServiceError(
                .illegalTransition, "step \(step) of job \(assignment.executionID)", "it has not begun")
        }
    }
}
