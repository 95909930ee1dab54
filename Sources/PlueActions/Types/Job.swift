internal import WorkflowSyntax

/// A job as a workflow file defines it.
public struct Job: Sendable, Hashable {
    /// The YAML key.
    public var id: String
    public var name: String?
    /// No labels: it calls a workflow.
    public var runsOn: RunsOn
    /// Ids of jobs.
    public var needs: [String]
    /// Without `${{ }}`.
    public var ifCondition: String?
    public var strategy: JobStrategy?
    public var steps: [JobStep]
    /// 360 where the file says nothing.
    public var timeoutMinutes: Double
    /// `env`
    public var environment: [String: String]
    /// What the fields above cannot hold: outputs, containers, permissions, what a call passes, expressions.
    var rest: [JSONValue.Member] = []

    public init(
        id: String, name: String? = nil, runsOn: RunsOn, needs: [String] = [], ifCondition: String? = nil,
        strategy: JobStrategy? = nil, steps: [JobStep], timeoutMinutes: Double = 360,
        environment: [String: String] = [:]
    ) {
        self.id = id
        self.name = name
        self.runsOn = runsOn
        self.needs = needs
        self.ifCondition = ifCondition
        self.strategy = strategy
        self.steps = steps
        self.timeoutMinutes = timeoutMinutes
        self.environment = environment
    }

    init(_ job: WorkflowSyntax.Job) {
        var reader = MemberReader(JSONValue(job.source.plainValue))
        _ = reader.take("needs") { $0 }
        self.init(
            id: job.id, name: reader.text("name"),
            runsOn: reader.take("runs-on", RunsOn.init) ?? RunsOn([]), needs: job.needs.map(\.id),
            ifCondition: reader.condition(), strategy: reader.take("strategy", JobStrategy.init),
            steps: reader.take("steps") { if case .array(let items) = $0 { items.map(JobStep.init) } else { nil } }
                ?? [],
            timeoutMinutes: reader.number("timeout-minutes") ?? 360, environment: reader.dictionary("env") ?? [:])
        rest = reader.rest
    }

    /// As a file writes it, with what is required beside its own labels.
    func json(_ requirements: JobRequirements = JobRequirements()) -> JSONValue {
        var writer = MemberWriter(rest: rest)
        writer.add("name", name)
        var runsOn = runsOn
        runsOn.labels += requirements.allLabels.filter { !runsOn.labels.contains($0) }
        if !runsOn.labels.isEmpty || runsOn.group != nil { writer.add("runs-on", runsOn.json) }
        writer.add("needs", needs)
        writer.add(condition: ifCondition)
        writer.add("strategy", strategy?.json)
        if timeoutMinutes != 360 { writer.add("timeout-minutes", .number(timeoutMinutes)) }
        writer.add("env", environment)
        if !steps.isEmpty { writer.add("steps", .array(steps.map(\.json))) }
        return writer.object
    }
}
