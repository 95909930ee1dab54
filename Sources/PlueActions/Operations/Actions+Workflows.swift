public import Model
internal import Services
internal import WorkflowSyntax

extension Actions {
    /// Stores a file of the repository. The same content is the version that is there; other content becomes the
    /// current version; a deleted file is there again. Throws `invalid_workflow` with all diagnostics, or `not_found`
    /// for the repository.
    public func createWorkflow(
        yaml: String, filename: String, in repository: RepositoryID, requiringTriggers: Bool = true,
        by principal: Principal
    ) async throws -> Workflow {
        try await Self.mapped(by: principal) {
            try Workflow(
                try await services.workflows.create(
                    yaml, filename: filename, in: repository, requiringTriggers: requiringTriggers, by: principal))
        }
    }

    /// The same of a workflow that was parsed or built by hand, under its filename.
    public func createWorkflow(
        _ workflow: Workflow, in repository: RepositoryID, by principal: Principal
    ) async throws -> Workflow {
        try await createWorkflow(
            yaml: workflow.yamlContent, filename: workflow.filename, in: repository,
            requiringTriggers: !workflow.triggers.isEmpty, by: principal)
    }

    /// Throws `not_found`, also for one that was deleted unless `includingDeleted`.
    public func getWorkflow(
        _ id: WorkflowID, includingDeleted: Bool = false, by principal: Principal
    ) async throws -> Workflow {
        try await Self.mapped(by: principal) {
            let record = try await services.workflows.get(id, by: principal)
            if record.state == .deleted, !includingDeleted {
                throw ActionsError(.notFound, "workflow \(id)", "it was deleted")
            }
            return try Workflow(record)
        }
    }

    /// Throws `not_found`.
    public func getWorkflow(
        filename: String, in repository: RepositoryID, by principal: Principal
    ) async throws -> Workflow {
        try await Self.mapped(by: principal) {
            try Workflow(try await services.workflows.get(filename: filename, in: repository, by: principal))
        }
    }

    /// The newest first; nil: all but those that were deleted.
    public func listWorkflows(
        in repository: RepositoryID, state: WorkflowState? = nil, after cursor: PageCursor<Workflow>? = nil,
        limit: Int = 50, by principal: Principal
    ) async throws -> Page<Workflow> {
        try await Self.mapped(by: principal) {
            try await services.workflows.list(
                in: repository, state: state, after: cursor.map { PageCursor($0.position) }, limit: limit,
                by: principal
            ).map { try Workflow($0) }
        }
    }

    /// It takes no new runs; those that it had stay. Throws `not_found`.
    public func deleteWorkflow(_ id: WorkflowID, by principal: Principal) async throws {
        try await Self.mapped(by: principal) { try await services.workflows.delete(id, by: principal) }
    }

    /// Throws `not_found`.
    @discardableResult
    public func enableWorkflow(_ id: WorkflowID, by principal: Principal) async throws -> Workflow {
        try await Self.mapped(by: principal) {
            try Workflow(try await services.workflows.setEnabled(id, true, by: principal))
        }
    }

    /// It takes no new runs until it is enabled. Throws `not_found`.
    @discardableResult
    public func disableWorkflow(_ id: WorkflowID, by principal: Principal) async throws -> Workflow {
        try await Self.mapped(by: principal) {
            try Workflow(try await services.workflows.setEnabled(id, false, by: principal))
        }
    }

    /// The jobs of its current version, in the order of the file. Throws `not_found`.
    public func getWorkflowJobs(_ id: WorkflowID, by principal: Principal) async throws -> [Job] {
        try await Self.mapped(by: principal) {
            try await services.workflows.current(id, by: principal).jobs.map { Job($0) }
        }
    }
}
