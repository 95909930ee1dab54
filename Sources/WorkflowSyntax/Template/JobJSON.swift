/// Jobs and steps of the template's JSON.
struct JobJSON {
    typealias Members = [(String, ExpressionValue)]

    let writer: TokenJSON

    /// What jobs of both kinds have.
    func common(_ job: Job, _ key: TemplateToken, _ token: TemplateToken) -> Members {
        var isCall = false
        if case .call = job.body { isCall = true }
        var members: Members = [
            ("type", .string(isCall ? "reusableWorkflowJob" : "job")), ("id", writer.value(key)),
            ("name", writer.value(job.name ?? key)),
        ]
        // As they are written; the model has the spelling of the job that is meant.
        let given = token["needs"].map { [$0] } ?? []
        let needs = given.flatMap { if case .sequence(let items) = $0.kind { items } else { [$0] } }.map(writer.value)
        if isCall || !needs.isEmpty { members.append(("needs", .array(ExpressionArray(needs)))) }
        members.append(("if", writer.expression(job.condition, at: job.conditionPosition)))
        add(["strategy", "concurrency"], of: token, to: &members)
        return members
    }

    func body(_ job: StepsJob, _ token: TemplateToken) -> Members {
        var members: Members = []
        add(
            [
                "continue-on-error", "timeout-minutes", "cancel-timeout-minutes", "env", "environment", "defaults",
                "container", "services", "runs-on", "outputs", "snapshot",
            ], of: token, to: &members)
        if let items = token["steps"]?.items, !items.isEmpty {
            let steps = zip(job.steps, items).map { WorkflowTemplate.object(step($0, $1)) }
            members.append(("steps", .array(ExpressionArray(steps))))
        }
        return members
    }

    /// What a call passes.
    func call(_ token: TemplateToken) -> Members {
        var members: Members = []
        add(["uses", "with", "secrets"], of: token, to: &members)
        return members
    }

    private func step(_ step: Step, _ token: TemplateToken) -> Members {
        var members: Members = [("id", .string(step.contextName))]
        add(["name"], of: token, to: &members)
        members.append(("if", writer.expression(step.condition, at: step.conditionPosition)))
        add(
            [
                "continue-on-error", "timeout-minutes", "env", "run", "working-directory", "shell", "uses", "with",
            ], of: token, to: &members)
        return members
    }

    private func add(_ keys: [String], of token: TemplateToken, to members: inout Members) {
        for key in keys {
            if let value = token[key] { members.append((key, writer.value(value))) }
        }
    }
}
