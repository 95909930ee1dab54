internal import Model
internal import Storage
internal import WorkflowSyntax

/// A row of the audit log as a line.
enum AuditRecordText {
    static let columns = [
        "id", "created_at", "action", "operation", "outcome", "actor_kind", "actor", "object_kind", "object_id",
        "repository_id", "organization_id", "token_id", "source_address", "user_agent", "request_id", "body",
    ]

    static func json(_ record: AuditRecord) -> String {
        func text(_ value: String?) -> ExpressionValue { value.map { .string($0) } ?? .null }
        func number(_ value: Int64?) -> ExpressionValue { value.map { .number(Double($0)) } ?? .null }
        return ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("id", number(record.id)), ("created_at", .string(record.createdAt.iso8601)),
                ("action", .string(record.action)), ("operation", .string(record.operation)),
                ("outcome", .string(record.outcome)), ("actor_kind", .string(record.actor.kind.rawValue)),
                ("actor", .string(record.actor.name)), ("object_kind", .string(record.objectKind)),
                ("object_id", .string(record.objectID)), ("repository_id", number(record.repositoryID?.rawValue)),
                ("organization_id", number(record.organizationID)),
                ("token_id", text(record.tokenID)), ("source_address", text(record.origin.address)),
                ("user_agent", text(record.origin.agent)), ("request_id", text(record.origin.requestID)),
                ("body", (try? ExpressionValue(json: record.body)) ?? .string(record.body)),
            ])
        ).json(pretty: false)
    }

    /// RFC 4180, in the order of `columns`.
    static func csv(_ record: AuditRecord) -> String {
        [
            "\(record.id)", record.createdAt.iso8601, record.action, record.operation, record.outcome,
            record.actor.kind.rawValue, record.actor.name, record.objectKind, record.objectID,
            record.repositoryID.map { "\($0)" } ?? "", record.organizationID.map(String.init) ?? "",
            record.tokenID ?? "", record.origin.address ?? "", record.origin.agent ?? "",
            record.origin.requestID ?? "", record.body,
        ].map(quoted).joined(separator: ",")
    }

    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}
