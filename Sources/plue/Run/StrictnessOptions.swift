import ArgumentParser
internal import Execution

/// What jobs may do to this host, and see of it.
struct StrictnessOptions: ParsableArguments {
    @Flag(
        help: """
            Jobs see only the plain variables of this environment; steps may not set variables for later ones that \
            decide what runs (PATH, BASH_ENV, LD_*, GIT_*), nor work outside of the folders of their job.
            """)
    var strict = false

    @Option(help: "A variable of this environment that jobs see too, NAME or NAME*.")
    var inherit: [String] = []

    @Option(help: "How many processes a job may have at once; one with more fails (default: 4096; 0: no limit).")
    var maxProcesses: Int?

    /// - Parameter isOwn: the jobs are those of the user whose shell this is: unless it is strict they see all of its
    ///   variables. Those of a server may be anyone's.
    func apply(to host: inout HostSettings, isOwn: Bool) {
        host.isStrict = strict
        host.maxProcesses = maxProcesses ?? HostSettings.standardMaxProcesses
        host.environment = isOwn && !strict ? HostEnvironment.inherited : HostEnvironment.plain(and: inherit)
    }

    func validate() throws {
        // No system has more (PID_MAX_LIMIT of Linux).
        if let maxProcesses, !(0...4_194_304).contains(maxProcesses) {
            throw ValidationError("--max-processes must be 0 to 4194304")
        }
    }
}
