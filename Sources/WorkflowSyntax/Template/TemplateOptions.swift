/// Options of ``WorkflowTemplate``, by the names of GitHub's cross-language parser tests.
public struct TemplateOptions: Sendable {
    /// `include-source`: tokens keep file, line and column.
    public var includeSource = false
    /// `max-depth`
    public var maximumDepth = 50
    /// `max-file-size`, bytes
    public var maximumFileSize = 1 << 20
    /// `max-job-limit`: jobs of the file and of all that it calls; 0 is no limit.
    public var maximumJobs = 0
    /// `max-nested-reusable-workflows-depth`; GitHub's is ten levels with the caller.
    public var maximumCallDepth = CallLimits.depth - 1
    /// Different files that are called.
    public var maximumCalledFiles = CallLimits.files
    /// `permissions-policy`: `LimitedRead` or `Write`.
    public var policy: TokenPolicy?

    public init() {}

    /// Reads an object with the names above; others are left alone.
    public init(json: String) throws(ExpressionError) {
        guard case .object(let object) = try ExpressionValue(json: json) else {
            throw ExpressionError(.evaluation, "The options must be a JSON object")
        }
        func count(_ name: String, _ fallback: Int) throws(ExpressionError) -> Int {
            guard let value = object[name] else { return fallback }
            guard case .number(let number) = value, let whole = Int(exactly: number), whole >= 0 else {
                throw ExpressionError(.evaluation, "The option '\(name)' must be a whole number")
            }
            return whole
        }
        maximumDepth = try count("max-depth", maximumDepth)
        maximumFileSize = try count("max-file-size", maximumFileSize)
        maximumJobs = try count("max-job-limit", maximumJobs)
        maximumCallDepth = try count("max-nested-reusable-workflows-depth", maximumCallDepth)
        if let value = object["include-source"] { includeSource = value.isTruthy }
        if let value = object["permissions-policy"] {
            guard let policy = TokenPolicy(rawValue: value.text) else {
                throw ExpressionError(.evaluation, "The option 'permissions-policy' must be LimitedRead or Write")
            }
            self.policy = policy
        }
    }
}
