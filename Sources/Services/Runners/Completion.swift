public import Model
internal import Storage
internal import WorkflowSyntax

/// What became of a job, as its runner saw it.
public struct Completion: Sendable {
    public var token: JobToken
    public var conclusion: JobConclusion
    public var reason: StatusReason?
    public var message: String?
    /// The job's outputs by name.
    var values: [(String, String)]
    /// What happened since the last report, with the claim that it belongs to.
    public var reports: (claim: JobAssignment, [JobReport])?

    /// Throws ``ServiceError`` `limit` for outputs over 1 MiB, two bytes a UTF-16 unit as GitHub counts.
    public init(
        _ token: JobToken, _ conclusion: JobConclusion, reason: StatusReason? = nil, message: String? = nil,
        outputs: [(String, String)] = [], reports: (claim: JobAssignment, [JobReport])? = nil
    ) throws(ServiceError) {
        guard outputs.reduce(0, { $0 + $1.1.utf16.count * 2 }) <= 1 << 20 else {
            throw ServiceError(.limit, "outputs of job \(token.executionID)", "they are over 1 MiB")
        }
        self.token = token
        self.conclusion = conclusion
        self.reason = reason
        self.message = message
        self.values = outputs
        self.reports = reports
    }

    /// A JSON object of texts.
    var outputs: String {
        ExpressionValue.object(ExpressionObject(values.map { ($0.0, ExpressionValue.string($0.1)) })).json(
            pretty: false)
    }
}
