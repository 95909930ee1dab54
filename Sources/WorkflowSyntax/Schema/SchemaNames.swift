/// Contexts and functions that a definition allows, as bits: a place inside another adds its own.
struct SchemaNames: OptionSet, Hashable, Sendable {
    let rawValue: UInt32

    static let contextNames = [
        "github", "inputs", "vars", "needs", "strategy", "matrix", "secrets", "steps", "job", "runner", "env", "jobs",
    ]

    static let github = SchemaNames(rawValue: 1 << 0)
    static let inputs = SchemaNames(rawValue: 1 << 1)
    static let vars = SchemaNames(rawValue: 1 << 2)
    static let needs = SchemaNames(rawValue: 1 << 3)
    static let strategy = SchemaNames(rawValue: 1 << 4)
    static let matrix = SchemaNames(rawValue: 1 << 5)
    static let secrets = SchemaNames(rawValue: 1 << 6)
    static let steps = SchemaNames(rawValue: 1 << 7)
    static let job = SchemaNames(rawValue: 1 << 8)
    static let runner = SchemaNames(rawValue: 1 << 9)
    static let env = SchemaNames(rawValue: 1 << 10)
    static let jobs = SchemaNames(rawValue: 1 << 11)
    /// `success` and the like without arguments (steps), or with ids of jobs.
    static let status = SchemaNames(rawValue: 1 << 20)
    static let jobStatus = SchemaNames(rawValue: 1 << 21)
    static let hashFiles = SchemaNames(rawValue: 1 << 22)
    /// A text in which `${{` means nothing (descriptions).
    static let raw = SchemaNames(rawValue: 1 << 23)

    /// What is known before a run starts.
    static let workflow: SchemaNames = [.github, .inputs, .vars]
    static let planned: SchemaNames = [.github, .inputs, .vars, .needs]
    static let leg: SchemaNames = [.github, .inputs, .vars, .needs, .strategy, .matrix]
    static let runnerWithoutSecrets: SchemaNames = [.leg, .steps, .job, .runner, .env]
    static let inRunner: SchemaNames = [.runnerWithoutSecrets, .secrets]
    static let step: SchemaNames = [.inRunner, .hashFiles]
    static let stepCondition: SchemaNames = [.runnerWithoutSecrets, .hashFiles, .status]
    static let jobCondition: SchemaNames = [.planned, .jobStatus]

    private static let contexts = KeyTable(contextNames)

    /// By lower-case name.
    func allows(context name: String) -> Bool {
        Self.contexts.index(of: name).map { contains(SchemaNames(rawValue: 1 << UInt32($0))) } ?? false
    }

    /// The count of arguments of a function, by lower-case name; nil when it is not allowed.
    func parameters(of function: String) -> ClosedRange<Int>? {
        switch function {
        case "success", "failure":
            if contains(.jobStatus) { return 0...255 }
            return contains(.status) ? 0...0 : nil
        case "always", "cancelled": return contains(.status) || contains(.jobStatus) ? 0...0 : nil
        case "hashfiles": return contains(.hashFiles) ? 1...255 : nil
        default: return nil
        }
    }
}
