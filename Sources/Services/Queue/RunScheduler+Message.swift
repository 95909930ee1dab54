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
        return JobMessage(
            assignment: assignment, execution: execution, run: run, attempt: attemptNumber, repository: repository,
            workflow: workflow, job: job, steps: steps, github: try githubContext(on: db), contexts: contexts,
            secretPassing: try secretPassing(to: execution, on: db))
    }

    private func secretPassing(
        to execution: JobExecution, on db: isolated any StorageConnection
    ) throws -> [JobMessage.SecretPassing] {
        var chain: [JobMessage.SecretPassing] = []
        var next = execution.parentID
        while let id = next {
            let caller = try self.execution(id, on: db)
            next = caller.parentID
            let job = try definition(of: caller, on: db)
            guard case .call(let call) = job.body else { continue }
            if call.inheritsSecrets {
                chain.append(.inherit)
            } else if let mapping = call.secrets {
                let needs = try NeedsView(of: caller, needs: job.needs, on: db)
                var contexts = try contexts(of: caller, needs: needs, on: db).values
                contexts.merge(try legContexts(of: caller)) { _, new in new }
                chain.append(.mapped(mapping, contexts: contexts))
            } else {
                chain.append(.none)
            }
        }
        return chain.reversed()
    }
}
