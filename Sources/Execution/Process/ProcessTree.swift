internal import Glibc

/// The processes that a job started, also those that left their session or lost their parent: this process adopts
/// orphans, and the job's tracking id stands in the environment of each.
enum ProcessTree {
    static let trackingVariable = "RUNNER_TRACKING_ID"

    /// All descendants of a process.
    static func descendants(of root: pid_t) -> [pid_t] {
        var found: [pid_t] = []
        var open = [root]
        while let next = open.popLast() {
            let children = children(of: next)
            found += children
            open += children
        }
        return found
    }

    static func children(of pid: pid_t) -> [pid_t] {
        var children: [pid_t] = []
        for thread in Files.names(in: "/proc/\(pid)/task") {
            guard let text = Files.text("/proc/\(pid)/task/\(thread)/children") else { continue }
            children += text.split(separator: " ").compactMap { pid_t($0) }
        }
        return children
    }

    /// When a process began, in ticks since the start of the system: with its id it names one process for good.
    static func startTime(_ pid: pid_t) -> UInt64? { stat(pid)?.startTime }

    private static func stat(_ pid: pid_t) -> (state: Character?, startTime: UInt64)? {
        guard let text = Files.text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let time = UInt64(fields[19]) else { return nil }
        return (fields[0].first, time)
    }

    /// Descendants of this process that belong to the job with that tracking id.
    static func members(tracking id: String) -> [pid_t] {
        descendants(of: getpid()).filter { isTracked($0) { $0.elementsEqual(id.utf8) } }
    }

    /// Processes anywhere that belong to a job whose tracking id begins so: for those of a runner that is gone.
    static func orphans(trackingPrefix prefix: String) -> [pid_t] {
        Files.names(in: "/proc").compactMap { pid_t($0) }.filter { pid in
            pid != getpid() && isTracked(pid) { $0.starts(with: prefix.utf8) }
        }
    }

    private static func isTracked(_ pid: pid_t, _ fits: (Substring.UTF8View) -> Bool) -> Bool {
        guard let environment = Files.text("/proc/\(pid)/environ") else { return false }
        let name = "\(trackingVariable)="
        return environment.utf8.split(separator: 0).contains { entry in
            entry.starts(with: name.utf8) && fits(Substring(entry.dropFirst(name.utf8.count)).utf8)
        }
    }

    /// Kills every process of the job that is left and reaps it.
    static func killAll(tracking id: String) {
        let killed = killUntilNone { members(tracking: id) }
        // One that dies has no environment any more, but takes its time until it can be reaped.
        for pid in killed {
            for _ in 0..<200 where waitpid(pid, nil, WNOHANG) == 0 { usleep(1_000) }
        }
    }

    /// Kills every process whose job's tracking id begins so, wherever it is: for a runner that is gone.
    static func killOrphans(trackingPrefix prefix: String) {
        killUntilNone { orphans(trackingPrefix: prefix) }
    }

    /// A process that forks, or changes its parent, while it is looked for is missed once, hardly twice.
    @discardableResult
    private static func killUntilNone(_ find: () -> [pid_t]) -> Set<pid_t> {
        var killed: Set<pid_t> = []
        var misses = 0
        for _ in 0..<200 where misses < 2 {
            let left = find()
            for pid in left { kill(pid, SIGKILL) }
            killed.formUnion(left)
            misses = left.isEmpty ? misses + 1 : 0
            if !left.isEmpty { usleep(1_000) }
        }
        return killed
    }
}
