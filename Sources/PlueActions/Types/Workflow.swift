public import Model
public import Storage
internal import WorkflowSyntax

/// A workflow: a file of a repository, or a fragment of one that was parsed or built by hand.
public struct Workflow: Sendable {
    /// Nil until it is stored.
    public var id: WorkflowID?
    /// Nil until it is stored.
    public var repositoryID: RepositoryID?
    /// Its `name`, else its path.
    public var name: String
    /// `.github/workflows/ci.yml`
    public var filename: String
    /// The text: what is stored and run.
    public let yamlContent: String
    public let triggers: [TriggerEvent]
    /// By id.
    public let jobs: [String: Job]
    /// Ids in the order of the file.
    public let jobOrder: [String]
    public var state: WorkflowState
    public var createdAt: Timestamp?
    public var updatedAt: Timestamp?

    /// Reads a workflow file. A fragment whose jobs are queued in a run needs no `on`. Throws ``ActionsError``
    /// `invalid_workflow` with everything that is wrong, each with its place.
    public static func parse(
        yaml: String, filename: String = ".github/workflows/workflow.yml", requiringTriggers: Bool = true
    ) throws -> Workflow {
        let parsed = WorkflowParser(requiringTriggers: requiringTriggers).parse(yaml, file: filename)
        guard let workflow = parsed.workflow else {
            throw ActionsError(filename, parsed.diagnostics.filter { $0.severity == .error })
        }
        return Workflow(workflow, text: yaml)
    }

    /// Writes a workflow of jobs built by hand, and reads it as ``parse(yaml:filename:requiringTriggers:)`` does. Without
    /// triggers it is a fragment.
    public init(
        name: String? = nil, filename: String = ".github/workflows/workflow.yml", triggers: [TriggerEvent] = [],
        jobs: [Job]
    ) throws {
        let text = Self.text(name: name, triggers: triggers, jobs: jobs.map { ($0.id, $0.json()) })
        self = try Self.parse(yaml: text, filename: filename, requiringTriggers: !triggers.isEmpty)
    }

    init(_ workflow: WorkflowSyntax.Workflow, text: String) {
        name = workflow.name ?? workflow.file
        filename = workflow.file
        yamlContent = text
        triggers = TriggerEvent.all(of: workflow)
        jobs = Dictionary(workflow.jobs.map { ($0.id, Job($0)) }) { first, _ in first }
        jobOrder = workflow.jobs.map(\.id)
        state = .active
    }

    init(_ record: WorkflowRecord) throws {
        let parsed = WorkflowParser(requiringTriggers: false, requiringNeeds: false)
            .parse(record.content, file: record.filename)
        guard let workflow = parsed.workflow else {
            throw ActionsError(record.filename, parsed.diagnostics)
        }
        self.init(workflow, text: record.content)
        id = record.id
        repositoryID = record.repositoryID
        state = record.state
        createdAt = record.createdAt
        updatedAt = record.updatedAt
    }

    /// JSON, which is YAML.
    static func text(name: String?, triggers: [TriggerEvent], jobs: [(String, JSONValue)]) -> String {
        var members: [JSONValue.Member] = []
        if let name { members.append(JSONValue.Member("name", .string(name))) }
        var on: [JSONValue.Member] = []
        for trigger in triggers {
            if let index = on.firstIndex(where: { $0.name == trigger.name }), case .array(let known) = on[index].value,
                case .array(let more) = trigger.json
            {
                on[index].value = .array(known + more)
            } else {
                on.append(JSONValue.Member(trigger.name, trigger.json))
            }
        }
        if !on.isEmpty { members.append(JSONValue.Member("on", .object(on))) }
        members.append(JSONValue.Member("jobs", .object(jobs.map { JSONValue.Member($0.0, $0.1) })))
        return JSONValue.object(members).text
    }
}
