internal import Model
internal import Storage
internal import WorkflowSyntax

extension RunScheduler {
    func message(
        for execution: JobExecution, _ assignment: JobAssignment, on db: isolated any StorageConnection
    ) throws -> JobMessage {
        let workflow = try workflow(version: execution.versionID, on: db)
        let job = try definition(of: execution, on: db)
        guard case .steps(let steps) = job.body else {
            throw ServiceError(.conflict, "job \(execution.id)", "a call has no steps to execute")
        }
        let needs = try NeedsView(of: execution, needs: job.needs, on: db)
        var contexts = try contexts(of: execution, needs: needs, on: db).values
        contexts.merge(try legContexts(of: execution)) { _, new in new }
        contexts["github"] = nil
        if let environment = execution.environment, !environment.isEmpty {
            contexts["vars"] = try StoredVariables.merged(
                contexts["vars"], environment: environment, of: repository.id, on: db)
        }
        let callers = try callers(of: execution, on: db)
        return JobMessage(
            assignment: assignment, execution: execution, run: run, attempt: attemptNumber, repository: repository,
            workflow: workflow, job: job, steps: steps, github: try githubContext(on: db), contexts: contexts,
            secretPassing: try secretPassing(along: callers, on: db),
            permissions: try permissions(along: callers + [execution], on: db))
    }

    /// What the job's token may do.
    func permissions(of execution: JobExecution, on db: isolated any StorageConnection) throws -> PermissionSet {
        try permissions(along: callers(of: execution, on: db) + [execution], on: db)
    }

    /// The calls that lead to the job, the outermost first.
    private func callers(
        of execution: JobExecution, on db: isolated any StorageConnection
    ) throws -> [JobExecution] {
        var callers: [JobExecution] = []
        var next = execution.parentID
        while let id = next {
            let caller = try self.execution(id, on: db)
            next = caller.parentID
            callers.append(caller)
        }
        return callers.reversed()
    }

    private func permissions(
        along path: [JobExecution], on db: isolated any StorageConnection
    ) throws -> PermissionSet {
        let policy = TokenPolicy(repository.defaultWorkflowPermissions)
        return TokenPermissions(policy: policy, isReadOnly: try facts.isFromFork()).of(
            try path.map { (try definition(of: $0, on: db), try workflow(version: $0.versionID, on: db)) })
    }

    private func secretPassing(
        along callers: [JobExecution], on db: isolated any StorageConnection
    ) throws -> [JobMessage.SecretPassing] {
        try callers.compactMap { caller in
            let job = try definition(of: caller, on: db)
            guard case .call(let call) = job.body else { return nil }
            if call.inheritsSecrets { return .inherit }
            guard let mapping = call.secrets else { return JobMessage.SecretPassing.none }
            let needs = try NeedsView(of: caller, needs: job.needs, on: db)
            var contexts = try contexts(of: caller, needs: needs, on: db).values
            contexts.merge(try legContexts(of: caller)) { _, new in new }
            return .mapped(mapping, contexts: contexts)
        }
    }
}

extension TokenPolicy {
    init(_ permissions: Repository.DefaultWorkflowPermissions) {
        switch permissions {
        case .read: self = .limitedRead
        case .write: self = .write
        }
    }
}
