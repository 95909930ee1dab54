internal import CLinux
internal import Glibc

/// A job of which ``ProcessKeeper`` keeps the processes.
struct KeptJob {
    /// What is to be done about a job with that many processes and threads.
    typealias Exceeded = @Sendable (_ processes: Int, _ threads: Int) -> Void

    /// What the kernel holds its programs to.
    struct Bounds {
        /// The entrance of the control group, or -1.
        var group: Int32 = -1
        /// Processes and threads that its user may have, of all that it runs; 0 is no limit.
        var tasks = 0
    }

    /// Threads a process, on average, before these count as too many too.
    static let threadsPerProcess = 2

    /// Processes at once; 0 is no limit.
    let limit: Int
    let exceeded: Exceeded
    /// Where the system has it count processes.
    let group: ControlGroup?
    let bounds: Bounds
    /// Processes that were started for it: they lead sessions, also when they have ended.
    var leaders: Set<pid_t> = []
    var isOver = false

    /// - Parameters:
    ///   - number: of the jobs that began in this process.
    ///   - isGrouped: whether it gets a control group, where the system has them for this process.
    ///   - user: as whom its steps run, if not as this process.
    init(number: Int, limit: Int, isGrouped: Bool, user: JobUser?, exceeded: @escaping Exceeded) {
        self.limit = limit
        self.exceeded = exceeded
        let tasks = limit * Self.threadsPerProcess
        let parent = isGrouped ? ControlGroupHierarchy.parent : nil
        group = parent.flatMap { ControlGroup(in: $0, named: ControlGroupHierarchy.name(number), tasks: tasks) }
        if let group {
            bounds = Bounds(group: group.entrance)
        } else if limit == 0 {
            bounds = Bounds()
        } else if user != nil {
            bounds = Bounds(tasks: tasks)
        } else {
            // Root is held to nothing. Of this process's own user all counts that runs already: at most all there is.
            bounds = geteuid() == 0 ? Bounds() : Bounds(tasks: tasks + max(0, Int(plue_count_tasks())))
        }
    }

    /// The kernel says that it has so many tasks that its processes may be too many.
    var isFull: Bool { group.map { $0.tasks > limit || $0.hasBeenRefused } ?? false }

    /// What is too many in its group; nil where nothing is.
    var groupExcess: (processes: Int, threads: Int)? { group.flatMap { excess($0.processes.count, $0.tasks) } }

    /// Too many processes or threads, as the job is told; nil where these are not.
    func excess(_ processes: Int, _ threads: Int) -> (processes: Int, threads: Int)? {
        let most = limit * Self.threadsPerProcess
        // Some may have ended since the kernel refused one more.
        if group?.hasBeenRefused == true { return (processes, max(threads, most)) }
        return processes > limit || threads > most ? (processes, threads) : nil
    }
}
