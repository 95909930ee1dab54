internal import Services

/// What a delivery led to.
public struct EventDeliveryResult: Sendable {
    /// A workflow that did not run, and why: a phrase for people.
    public struct Skip: Sendable, Equatable {
        public var filename: String
        public var reason: String
    }

    /// In the order of the files. Those that could not start have the conclusion `startup_failure` and `diagnostics`.
    public var runs: [WorkflowRun]
    /// Empty for a repeated delivery.
    public var skipped: [Skip]
    /// It had been delivered before: these are the runs that it made then.
    public var isRepeated: Bool

    init(_ result: DeliveryResult) {
        runs = result.runs.map { WorkflowRun($0) }
        skipped = result.skipped.map { Skip(filename: $0.filename, reason: $0.reason) }
        isRepeated = result.isRepeated
    }
}
