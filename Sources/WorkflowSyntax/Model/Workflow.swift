/// A checked workflow file. Places that may hold expressions are tokens, evaluated where their contexts exist.
public struct Workflow: Sendable {
    /// The path as it was given to the parser, for example `.github/workflows/ci.yml`.
    public var file: String
    public var name: String?
    public var runName: TemplateToken?
    public var triggers: [Trigger]
    /// `on.workflow_call`, when the workflow can be called.
    public var call: WorkflowCallInterface?
    /// `on.workflow_dispatch.inputs`.
    public var dispatchInputs: [WorkflowInput]
    public var permissions: Permissions?
    public var env: TemplateToken?
    public var defaults: RunDefaults
    public var concurrency: Concurrency?
    /// In source order; ids are unique without regard to case and `needs` has no cycle.
    public var jobs: [Job]

    /// An empty one, for a file that cannot be read.
    package init(unreadable file: String) {
        self.file = file
        triggers = []
        dispatchInputs = []
        defaults = RunDefaults()
        jobs = []
    }

    init(
        file: String, name: String?, runName: TemplateToken?, triggers: [Trigger], call: WorkflowCallInterface?,
        dispatchInputs: [WorkflowInput], permissions: Permissions?, env: TemplateToken?, defaults: RunDefaults,
        concurrency: Concurrency?, jobs: [Job]
    ) {
        self.file = file
        self.name = name
        self.runName = runName
        self.triggers = triggers
        self.call = call
        self.dispatchInputs = dispatchInputs
        self.permissions = permissions
        self.env = env
        self.defaults = defaults
        self.concurrency = concurrency
        self.jobs = jobs
    }

    /// The job of that id, without regard to case.
    public func job(_ id: String) -> Job? {
        jobs.first { OrdinalText.same($0.id, id) }
    }
}

/// One event under `on`, with its filters.
public struct Trigger: Sendable {
    public var event: String
    public var position: SourcePosition
    public var types: [String]?
    public var branches: [String]?
    public var branchesIgnore: [String]?
    public var tags: [String]?
    public var tagsIgnore: [String]?
    public var paths: [String]?
    public var pathsIgnore: [String]?
    /// `workflow_run.workflows`
    public var workflows: [String]?
    public var schedules: [Schedule]

    public struct Schedule: Sendable {
        public var cron: String
        /// A name of the IANA database; nil for UTC.
        public var timezone: String?
        /// Of the cron expression.
        public var position: SourcePosition
        public var timezonePosition: SourcePosition?

        /// The rules of its time zone. Throws ``ZoneError`` when they cannot be had.
        public func zone(_ zones: any ZoneSource) throws(ZoneError) -> ZoneRules {
            guard let timezone else { return .utc }
            return try ZoneRules.named(timezone, in: zones)
        }

        /// When it fires. Throws as ``zone(_:)``; nil for a cron expression that is none, which no checked workflow has.
        public func occurrences(_ zones: any ZoneSource) throws(ZoneError) -> ScheduleOccurrences? {
            let zone = try zone(zones)
            return CronExpression(cron).map { ScheduleOccurrences($0, in: zone) }
        }
    }
}

/// An input of `workflow_dispatch` or `workflow_call`.
public struct WorkflowInput: Sendable {
    public enum InputType: String, Sendable {
        case string, boolean, number, choice, environment
    }

    public var name: String
    public var type: InputType
    public var description: String?
    public var required: Bool
    public var defaultValue: TemplateToken?
    public var options: [String]
    public var position: SourcePosition
}

/// `on.workflow_call`.
public struct WorkflowCallInterface: Sendable {
    public struct Secret: Sendable {
        public var name: String
        public var required: Bool
        public var position: SourcePosition
    }

    public struct Output: Sendable {
        public var name: String
        /// Contexts: github, jobs, vars, inputs.
        public var value: TemplateToken
    }

    public var inputs: [WorkflowInput]
    public var secrets: [Secret]
    public var outputs: [Output]
}

/// `defaults.run`.
public struct RunDefaults: Sendable {
    public var shell: TemplateToken?
    public var workingDirectory: TemplateToken?
}

/// `permissions`: all, none or by scope.
public enum Permissions: Sendable {
    case readAll
    case writeAll
    /// Scope (`contents`, `id-token`, …) to `read`, `write` or `none`; a scope not named is `none`.
    case scopes([String: String])
}

/// `concurrency` of a workflow or job.
public struct Concurrency: Sendable {
    public var group: TemplateToken
    public var cancelInProgress: TemplateToken?
    /// `queue: max` keeps up to 100 pending; otherwise one.
    public var queueMax: Bool
    public var position: SourcePosition
}
