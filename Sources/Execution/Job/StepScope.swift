internal import Model
internal import WorkflowSyntax

/// The steps of a job, or of one composite action within it: their results, and what only they see.
final class StepScope {
    /// What a step leaves for the `steps` context.
    struct Result {
        var outputs: [(String, String)] = []
        var outcome: StepConclusion
        var conclusion: StepConclusion
    }

    /// Of a composite action: its inputs; otherwise nil, and the job's inputs hold.
    let inputs: ExpressionValue?
    /// Variables of the step that uses the action, beneath those of its own steps.
    let environment: Environment
    /// The action whose steps they are.
    let action: ActionFolder?
    /// How many actions stand around these steps.
    let depth: Int
    /// When the step that uses the action must end.
    var deadline: ContinuousClock.Instant?
    /// Of the job, or of the action: decides `success()` and `failure()`.
    var status = StepConclusion.success
    /// The context name of the step that runs: `github.action`.
    var current = ""
    private var results: [(name: String, result: Result)] = []

    init(
        inputs: ExpressionValue? = nil, environment: Environment = Environment(), action: ActionFolder? = nil,
        depth: Int = 0
    ) {
        self.depth = depth
        self.inputs = inputs
        self.environment = environment
        self.action = action
    }

    var isAction: Bool { action != nil }

    func set(_ result: Result, for name: String) {
        results.removeAll { $0.name == name }
        results.append((name, result))
    }

    /// The `steps` context. Steps without an id of their own are not in it.
    var stepsContext: ExpressionValue {
        .object(
            ExpressionObject(
                results.filter { !$0.name.hasPrefix("__") }.map { name, result in
                    (
                        name,
                        .object(
                            ExpressionObject([
                                ("outputs", .object(ExpressionObject(result.outputs.map { ($0.0, .string($0.1)) }))),
                                ("outcome", .string(result.outcome.rawValue)),
                                ("conclusion", .string(result.conclusion.rawValue)),
                            ]))
                    )
                }))
    }
}
