/// The types of contexts at a place of a workflow.
final class LintScope {
    private let contexts: LintContexts
    private let hasJobs: Bool
    private let job: Job?
    private let isInMatrix: Bool
    /// Those before the place; nil where steps are unknown.
    var steps: LintObject?

    /// - Parameters:
    ///   - hasJobs: whether the outputs of all jobs are known, as for those of `workflow_call`.
    ///   - job: whose keys these are.
    ///   - isInMatrix: whether the place is its matrix, whose expressions do not know it.
    init(_ contexts: LintContexts, hasJobs: Bool = false, job: Job? = nil, isInMatrix: Bool = false) {
        self.contexts = contexts
        self.hasJobs = hasJobs
        self.job = job
        self.isInMatrix = isInMatrix
    }

    /// By lower-case name; nil is not listed.
    subscript(name: String) -> LintType? {
        switch name {
        case "steps": steps.map { .object($0) }
        case "needs": needs
        case "matrix": isInMatrix ? nil : matrix
        case "jobs": hasJobs ? contexts.jobs : nil
        default: contexts.shared(name)
        }
    }

    private lazy var needs = job.map { contexts.needs(of: $0) }
    private lazy var matrix = job.map { job in
        LintContexts.matrix(job.strategy?.matrix, LintScope(contexts, job: job, isInMatrix: true))
    }
}
