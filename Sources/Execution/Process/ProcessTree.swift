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
    /// Nil where there is none.
    static func startTime(_ pid: pid_t) -> UInt64? {
        // The program's name may hold anything, also brackets.
        guard let text = Files.text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }

    /// Processes anywhere that belong to a job whose tracking id begins so: for those of a runner that is gone.
    static func orphans(trackingPrefix prefix: String) -> [pid_t] {
        Files.names(in: "/proc").compactMap { pid_t($0) }.filter { pid in
            pid != getpid() && trackingID(of: pid)?.hasPrefix(prefix) == true
        }
    }

    /// What the environment of a process says of its job; nil when it says nothing.
    static func trackingID(of pid: pid_t) -> String? {
        guard let environment = Files.text("/proc/\(pid)/environ") else { return nil }
        let name = "\(trackingVariable)="
        guard let entry = environment.utf8.split(separator: 0).first(where: { $0.starts(with: name.utf8) }),
            entry.count > name.utf8.count
        else { return nil }
        return String(decoding: entry.dropFirst(name.utf8.count), as: UTF8.self)
    }

    /// Kills every process whose job's tracking id begins so, wherever it is: for a runner that is gone.
    static func killOrphans(trackingPrefix prefix: String) {
        killUntilNone { orphans(trackingPrefix: prefix) }
    }

    /// A process that forks, or changes its parent, while it is looked for is missed once, hardly twice.
    private static func killUntilNone(_ find: () -> [pid_t]) {
        var misses = 0
        for _ in 0..<200 where misses < 2 {
            let left = find()
            for pid in left { kill(pid, SIGKILL) }
            misses = left.isEmpty ? misses + 1 : 0
            if !left.isEmpty { usleep(1_000) }
        }
    }
}
