public import Model
internal import Storage
internal import WorkflowSyntax

/// What a runner says of itself when it registers.
public struct RunnerRegistration: Sendable {
    public var name: String
    /// Beside those of the system.
    public var labels: [String]
    public var scope: RunnerScope
    public var capabilities: RunnerCapabilities
    /// It takes one job and is taken away with its end.
    public var isEphemeral = false
    /// The name of a group of the scope's organization, or of the installation.
    public var group: String?

    public init(
        name: String, labels: [String] = [], scope: RunnerScope = .global,
        capabilities: RunnerCapabilities = RunnerCapabilities()
    ) {
        self.name = name
        self.labels = labels
        self.scope = scope
        self.capabilities = capabilities
    }

    /// Of one runner at the same time.
    private static let mostJobs: Int64 = 1_000_000

    /// Throws ``ServiceError`` `invalid_input`.
    func check() throws {
        try InputCheck.name(name, "the runner's name", limit: 255)
        try InputCheck.name(capabilities.os, "the runner's os", limit: 64)
        guard (1...Self.mostJobs).contains(capabilities.maxParallelJobs) else {
            throw ServiceError(
                .invalidInput, "runner \(name)", "max_parallel_jobs must be 1 to \(Self.mostJobs)")
        }
        guard labels.count + capabilities.supportedArchitectures.count <= 100 else {
            throw ServiceError(.limit, "runner \(name)", "it has more than 100 labels")
        }
        for label in labels { try InputCheck.name(label, "a label of runner \(name)", limit: 255) }
        for architecture in capabilities.supportedArchitectures {
            try InputCheck.name(architecture, "an architecture of runner \(name)", limit: 64)
        }
    }

    /// Label to its kind; one of the system stays one.
    var allLabels: [(label: String, kind: String)] {
        var system = ["self-hosted", capabilities.os.lowercased()]
        system += capabilities.supportedArchitectures.map { $0.lowercased() }
        if capabilities.dockerEnabled { system.append("docker") }
        let own = Set(labels.map { $0.lowercased() }).subtracting(system)
        return Set(system).sorted().map { ($0, "system") } + own.sorted().map { ($0, "custom") }
    }
}

extension RunnerCapabilities {
    /// JSON list, lower-case.
    var architecturesJSON: String {
        let list = ExpressionArray(supportedArchitectures.map { .string($0.lowercased()) })
        return ExpressionValue.array(list).json(pretty: false)
    }
}
