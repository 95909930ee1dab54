import ArgumentParser

/// The options of `plue run`; act's where act has them.
struct RunOptions: ParsableArguments {
    @Argument(help: "The event: push (default), pull_request, workflow_dispatch, …")
    var event: String?

    @Option(name: [.short, .customLong("job")], help: "Run this job and those that it needs.")
    var job: [String] = []

    @Option(name: [.customShort("W"), .customLong("workflows")], help: "A workflow file or a folder of them.")
    var workflows: String?

    @Option(name: [.customShort("C"), .customLong("directory")], help: "Work in this folder.")
    var directory: String?

    @Option(name: [.customShort("e"), .customLong("eventpath")], help: "A JSON file with the body of the event.")
    var eventPath: String?

    @Flag(name: [.customShort("n"), .customLong("dryrun")], help: "Show what would run.")
    var dryRun = false

    @Flag(name: [.short, .long], help: "List the jobs.")
    var list = false

    @Flag(name: [.short, .long], help: "Draw the job graph.")
    var graph = false

    @Flag(name: [.customShort("w"), .long], help: "Run again when files change.")
    var watch = false

    @Option(name: .customLong("var"), help: "A variable of the vars context, NAME=VALUE, or NAME from the environment.")
    var variable: [String] = []

    @Option(help: "A file of variables.")
    var varFile: String?

    @Option(help: "An input of workflow_dispatch, NAME=VALUE.")
    var input: [String] = []

    @Option(help: "A file of inputs.")
    var inputFile: String?

    @Option(help: "Run only matrix legs where KEY:VALUE.")
    var matrix: [String] = []

    @Option(help: "Where runs are stored: sqlite:PATH or postgres://…")
    var database: String?

    @Option(help: "The ref that the event speaks of, such as refs/heads/main or refs/tags/v1.")
    var ref: String?

    @Flag(help: "Store the runs and leave them to servers (plue runner start).")
    var detach = false

    @Option(parsing: .unconditional, help: "With --detach, -100 to 100: jobs of a higher one go first.")
    var priority: Int64 = 0

    @Flag(help: "Store nothing.")
    var noHistory = false

    @Option(help: "Write the result as JUnit XML.")
    var junit: String?

    @Option(name: [.short, .long], help: "Who triggers the event (default: the user).")
    var actor: String?

    @OptionGroup var host: HostOptions
    @OptionGroup var display: DisplayOptions
}
