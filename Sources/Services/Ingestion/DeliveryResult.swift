public import Model

/// What a delivery led to.
public struct DeliveryResult: Sendable {
    /// A workflow that did not run, and why: a phrase for people.
    public struct Skip: Sendable, Equatable {
        public var filename: String
        public var reason: String
    }

    public var eventID: Int64
    /// In the order of the files; those that could not start have the conclusion `startup_failure`.
    public var runs: [WorkflowRun]
    /// Empty for a repeated delivery.
    public var skipped: [Skip]
    /// It had been delivered before: these are the runs that it made then.
    public var isRepeated: Bool
}
