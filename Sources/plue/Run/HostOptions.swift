import ArgumentParser
internal import Glibc

/// How this host executes jobs: what they see beside the workflow.
struct HostOptions: ParsableArguments {
    @Option(
        name: [.customShort("P"), .long],
        help: "What a runs-on label means: LABEL=-self-hosted is this host.")
    var platform: [String] = []

    @Option(name: [.short, .long], help: "A secret, NAME=VALUE, or NAME from the environment.")
    var secret: [String] = []

    @Option(help: "A file of secrets: NAME=VALUE lines, or a JSON object.")
    var secretFile: String?

    @Option(name: .customLong("env"), help: "A variable of every step's environment, NAME=VALUE.")
    var environment: [String] = []

    @Option(help: "A file of such variables (default .env).")
    var envFile: String?

    @Option(help: "How many jobs run at once (default: one a core).")
    var concurrentJobs: Int?

    @Option(help: "A local copy of an action's repository, OWNER/NAME@REF=DIR.")
    var localRepository: [String] = []

    @OptionGroup var strictness: StrictnessOptions

    /// Jobs at once: one a core unless said otherwise.
    func concurrency() throws -> Int {
        guard let concurrentJobs else { return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
        guard concurrentJobs >= 1 else { throw CommandError(ExitStatus.usage, "--concurrent-jobs must be at least 1") }
        return concurrentJobs
    }
}
