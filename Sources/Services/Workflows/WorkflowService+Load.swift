internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

extension WorkflowService {
    /// The parsed workflow of a version: from memory, else from its stored text.
    func workflow(version: Int64, on db: isolated any StorageConnection) throws -> Workflow {
        try services.workflowCache.workflow(version: version) {
            let row = try db.first(
                Select("v.yaml_content", "w.filename").from("actions_workflow_versions AS v")
                    .join("actions_workflows AS w", on: "w.id = v.workflow_id").where("v.id = \(version)"))
            guard let row else {
                throw ServiceError(.notFound, "workflow version \(version)", "there is no such version")
            }
            let file: String = try row["filename"]
            let result = WorkflowParser().parse(try row["yaml_content"], file: file)
            guard let workflow = result.workflow else {
                let first = result.diagnostics.first?.message ?? "it cannot be parsed"
                throw ServiceError(.invalidWorkflow, file, first)
            }
            return workflow
        }
    }
}
