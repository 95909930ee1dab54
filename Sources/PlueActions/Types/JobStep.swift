/// A step of a job: an action (`uses`) or a script (`run`).
public struct JobStep: Sendable, Hashable {
    public var id: String?
    public var name: String?
    public var uses: String?
    public var run: String?
    public var with: [String: String]
    public var env: [String: String]
    /// Without `${{ }}`.
    public var ifCondition: String?
    public var shell: String?
    public var workingDirectory: String?
    public var continueOnError: Bool
    public var timeoutMinutes: Double?
    /// What the fields above cannot hold, such as expressions.
    var rest: [JSONValue.Member] = []

    public init(
        id: String? = nil, name: String? = nil, uses: String? = nil, run: String? = nil, with: [String: String] = [:],
        env: [String: String] = [:], ifCondition: String? = nil, shell: String? = nil,
        workingDirectory: String? = nil, continueOnError: Bool = false, timeoutMinutes: Double? = nil
    ) {
        self.id = id
        self.name = name
        self.uses = uses
        self.run = run
        self.with = with
        self.env = env
        self.ifCondition = ifCondition
        self.shell = shell
        self.workingDirectory = workingDirectory
        self.continueOnError = continueOnError
        self.timeoutMinutes = timeoutMinutes
    }

    init(_ value: JSONValue) {
        var reader = MemberReader(value)
        self.init(
            id: reader.text("id"), name: reader.text("name"), uses: reader.text("uses"), run: reader.text("run"),
            with: reader.dictionary("with") ?? [:], env: reader.dictionary("env") ?? [:],
            ifCondition: reader.condition(), shell: reader.text("shell"),
            workingDirectory: reader.text("working-directory"),
            continueOnError: reader.boolean("continue-on-error") ?? false,
            timeoutMinutes: reader.number("timeout-minutes"))
        rest = reader.rest
    }

    var json: JSONValue {
        var writer = MemberWriter(rest: rest)
        writer.add("id", id)
        writer.add("name", name)
        writer.add(condition: ifCondition)
        writer.add("uses", uses)
        writer.add("run", run)
        writer.add("with", with)
        writer.add("env", env)
        writer.add("shell", shell)
        writer.add("working-directory", workingDirectory)
        if continueOnError { writer.add("continue-on-error", .boolean(true)) }
        writer.add("timeout-minutes", timeoutMinutes.map { .number($0) })
        return writer.object
    }
}
