internal import CLinux
internal import Glibc
internal import Synchronization

/// Knows which processes belong to which job of this process, holds each job to its limit, and leaves none of them behind.
///
/// A process belongs to the job whose step it descends from. One that lost its parent is adopted by this process
/// (`PR_SET_CHILD_SUBREAPER`), and is told by what was known of it before, by its session, or by its environment. One of
/// which nothing can be told ends with the last of the jobs that may have started it.
final class ProcessKeeper: Sendable {
    static let shared = ProcessKeeper()

    /// As many as a job may have at once unless the host says otherwise.
    static let standardLimit = 4_096
    static let interval: useconds_t = 100_000
    /// Ticks after which processes are counted however few the system has.
    static let longestPause = 50
    /// Passes over all processes until whatever forks meanwhile is given up; hardly more than two are ever needed.
    static let passLimit = 500

    /// Adopted children that are waited for at a time.
    private static let mostReaped = 64

    /// Milliseconds at most until what was killed is given up, as what the kernel does not let die.
    private static let deathPatience = 5_000

    /// Passes that stop what they find, before one kills: what forks faster than it is found is killed as it is found.
    private static let stopPasses = 4

    /// A process for good, as ids are given again.
    struct Identity: Hashable {
        var pid: pid_t
        var start: UInt64
    }

    struct State {
        var jobs: [String: KeptJob] = [:]
        /// Children that were started here and are not waited for, with their job; a helper such as git has none.
        var own: [pid_t: String?] = [:]
        /// How many are about to be started.
        var starting = 0
        /// Jobs that have begun since this process did.
        var begun = 0
        var ownsAllChildren = false
        var makesGroups = false
        /// What was told of others when they were last seen.
        var known: [Identity: String] = [:]
        /// Those of which nothing is known, with the jobs that may have started them.
        var strays: [Identity: Set<String>] = [:]
        var isWatching = false
    }

    let state = Mutex(State())

    /// Says that this process starts children here only: any other one was adopted, and is a job's.
    func ownAllChildren() {
        state.withLock { $0.ownsAllChildren = true }
    }

    /// Says that jobs get control groups, where the system has them.
    func makeGroups() {
        // What a plue left behind that was killed ends now, not at the first job.
        _ = ControlGroupHierarchy.parent
        state.withLock { $0.makesGroups = true }
    }

    // MARK: Children

    /// Starts a child by `spawn`, which returns 0 and its id, or an errno.
    func start(_ job: String?, _ pid: inout pid_t, _ spawn: (inout pid_t, KeptJob.Bounds) -> Int32) -> Int32 {
        let bounds = state.withLock { state in
            state.starting += 1
            return job.flatMap { state.jobs[$0] }?.bounds ?? KeptJob.Bounds()
        }
        let result = spawn(&pid, bounds)
        let started = pid
        state.withLock { state in
            state.starting -= 1
            guard result == 0 else { return }
            state.own.updateValue(job, forKey: started)
            for name in state.jobs.keys where name != job { state.jobs[name]?.leaders.remove(started) }
            if let job { state.jobs[job]?.leaders.insert(started) }
        }
        return result
    }

    /// Waits for a child that was started here and has ended. Returns its status and its use, with that of all
    /// processes that it waited for.
    func reap(_ pid: pid_t) -> (status: Int32, use: rusage) {
        state.withLock { state in
            var status: Int32 = 0
            var use = rusage()
            while wait4(pid, &status, 0, &use) < 0 && errno == EINTR {}
            // Within the lock: from here on the id may be another one's.
            state.own[pid] = nil
            return (status, use)
        }
    }

    /// Waits for adopted children that have ended, so that no zombie stays.
    func reapAdopted() {
        state.withLock { state in
            guard state.ownsAllChildren, state.starting == 0 else { return }
            // Each search goes through all children: beside a bomb there is no end of them.
            for _ in 0..<Self.mostReaped {
                let pid = plue_ended_child()
                // One of our own is waited for by who started it, soon.
                guard pid > 0, state.own[pid] == nil, waitpid(pid, nil, WNOHANG) == pid else { return }
            }
        }
    }

    // MARK: Jobs

    /// A job begins. `exceeded` is called once, on a thread of its own, when it has more than `limit` processes at once,
    /// and they are killed; 0 is no limit. `user` is as whom its steps run, if not as this process.
    func begin(_ job: String, limit: Int, user: JobUser? = nil, exceeded: @escaping KeptJob.Exceeded) {
        let (number, isGrouped) = state.withLock { state in
            state.begun += 1
            return (state.begun, state.makesGroups)
        }
        let begun = KeptJob(number: number, limit: limit, isGrouped: isGrouped, user: user, exceeded: exceeded)
        let mustStart = state.withLock { state in
            state.jobs[job] = begun
            defer { state.isWatching = true }
            return !state.isWatching
        }
        guard mustStart else { return }
        var thread = pthread_t()
        pthread_create(&thread, nil, { _ in ProcessKeeper.shared.watch() }, nil)
        pthread_detach(thread)
    }

    /// A job has ended: whatever is left of it is killed and waited for.
    func end(_ job: String) {
        let group = state.withLock { $0.jobs[job]?.group }
        if hasOthers() || hasOthers() {
            group?.admitNone()
            kill { self.members(of: job, in: $0) }
            endStrays(of: job)
        }
        defer { group?.remove() }
        state.withLock { state in
            state.jobs[job] = nil
            for stray in state.strays.keys { state.strays[stray]?.remove(job) }
        }
    }

    /// Processes of a job, but for those that have ended.
    func members(of job: String) -> [pid_t] {
        members(of: job, in: ProcessTable()).map(\.pid)
    }

    /// Whether this process has any child that was not started here: if not, no job has left one.
    private func hasOthers() -> Bool {
        let children = ProcessTree.children(of: getpid())
        return state.withLock { state in children.contains { state.own[$0] == nil } }
    }

    /// Kills those of which only that job, or jobs that have ended, can be the origin.
    private func endStrays(of job: String) {
        guard state.withLock({ $0.ownsAllChildren }) else { return }
        kill { table in
            let strays = self.assign(table, also: job).filter { $0.job == nil }.map(\.entry)
            return self.state.withLock { state in
                let others = Set(state.jobs.keys).subtracting([job])
                var noted: [Identity: Set<String>] = [:]
                var ended: [ProcessTable.Entry] = []
                for stray in strays {
                    let identity = Identity(pid: stray.pid, start: stray.start)
                    let candidates = state.strays[identity]?.subtracting([job]) ?? others
                    noted[identity] = candidates
                    if candidates.isEmpty { ended.append(stray) }
                }
                state.strays = noted
                return ended
            }
        }
    }

    // MARK: Whose a process is

    func members(of job: String, in table: ProcessTable) -> [ProcessTable.Entry] {
        assign(table, also: job).filter { $0.job == job && !$0.entry.isZombie }.map(\.entry)
    }

    /// All descendants but helpers, each with its job; nil where nothing tells. `also` is a job that has not begun here.
    func assign(
        _ table: ProcessTable, also job: String? = nil
    ) -> [(entry: ProcessTable.Entry, job: String?)] {
        let own = getpid()
        let descendants = table.descendants(of: own)
        let (children, known, jobs, isStarting) = state.withLock { ($0.own, $0.known, $0.jobs, $0.starting > 0) }
        var found: [(entry: ProcessTable.Entry, job: String?)] = []
        var jobOf: [pid_t: String] = [:]
        var helpers: Set<pid_t> = []
        var grouped: [pid_t: String] = [:]
        for (name, job) in jobs {
            for pid in job.group?.processes ?? [] { grouped[pid] = name }
        }
        for entry in descendants {
            if helpers.contains(entry.parent) {
                helpers.insert(entry.pid)
                continue
            }
            if let child = children[entry.pid], entry.parent == own {
                guard let job = child else {
                    helpers.insert(entry.pid)
                    continue
                }
                jobOf[entry.pid] = job
                found.append((entry, job))
                continue
            }
            var owner = grouped[entry.pid] ?? known[Identity(pid: entry.pid, start: entry.start)] ?? jobOf[entry.parent]
            owner = owner ?? jobs.first { $0.value.leaders.contains(entry.session) }?.key
            if owner == nil, let name = ProcessTree.trackingID(of: entry.pid) {
                guard jobs[name] != nil || name == job else {
                    // Of a job that is none of ours.
                    helpers.insert(entry.pid)
                    continue
                }
                owner = name
            }
            // It may be one that is just being started.
            if owner == nil, isStarting, entry.parent == own { continue }
            if let owner { jobOf[entry.pid] = owner }
            found.append((entry, owner))
        }
        let told = Dictionary(
            found.compactMap { item in
                item.job.map { (Identity(pid: item.entry.pid, start: item.entry.start), $0) }
            }, uniquingKeysWith: { $1 })
        state.withLock { $0.known = told }
        return found
    }

    /// Kills what `find` finds until nothing is left. They are stopped first: none forks any more then, and each still
    /// has the parent that tells whose it is.
    func kill(_ find: (ProcessTable) -> [ProcessTable.Entry]) {
        var stopped: Set<Identity> = []
        var killed: Set<pid_t> = []
        var misses = 0
        for pass in 0..<Self.passLimit where misses < 2 {
            let found = find(ProcessTable())
            misses = found.isEmpty ? misses + 1 : 0
            let new = found.filter { stopped.insert(Identity(pid: $0.pid, start: $0.start)).inserted }
            guard new.isEmpty || pass >= Self.stopPasses else {
                for entry in new { Glibc.kill(entry.pid, SIGSTOP) }
                continue
            }
            for entry in found {
                Glibc.kill(entry.pid, SIGKILL)
                killed.insert(entry.pid)
            }
            if !found.isEmpty { usleep(1_000) }
        }
        waitForAdopted(killed)
    }

    /// Waits for those that were killed and are nobody else's.
    func waitForAdopted(_ killed: Set<pid_t>) {
        // Of a step that was killed the reactor takes the status.
        var patience = Self.deathPatience
        for pid in killed where !state.withLock({ $0.own.keys.contains(pid) }) {
            while patience > 0, waitpid(pid, nil, WNOHANG) == 0 {
                usleep(1_000)
                patience -= 1
            }
        }
    }
}
