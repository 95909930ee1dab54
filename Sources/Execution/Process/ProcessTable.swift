internal import CLinux
internal import Glibc

/// The processes of this host at one moment.
struct ProcessTable {
    struct Entry {
        var pid: pid_t
        var parent: pid_t
        /// The process that began its session.
        var session: pid_t
        var threads: Int
        /// With the id it names one process for good.
        var start: UInt64
        /// It has ended, but is not waited for.
        var isZombie: Bool
    }

    private(set) var entries: [Entry] = []

    /// Those of now.
    init() {
        var capacity: Int32 = 4_096
        while true {
            var found: [plue_process] = Array(repeating: plue_process(), count: Int(capacity))
            let count = plue_list_processes(&found, capacity)
            if count > capacity {
                capacity = count * 2
                continue
            }
            entries = found.prefix(Int(max(count, 0))).map { process in
                Entry(
                    pid: process.pid, parent: process.parent, session: process.session, threads: Int(process.threads),
                    start: process.start, isZombie: process.state == CChar(UInt8(ascii: "Z")))
            }
            return
        }
    }

    /// Processes of those sessions that have not ended, found without waiting for any of them.
    static func members(ofSessions leaders: [pid_t]) -> [pid_t] {
        var capacity: Int32 = 4_096
        while !leaders.isEmpty {
            var found = [pid_t](repeating: 0, count: Int(capacity))
            let count = plue_list_sessions(leaders, Int32(leaders.count), &found, capacity)
            guard count > capacity else { return Array(found.prefix(Int(max(count, 0)))) }
            capacity = count * 2
        }
        return []
    }

    /// The descendants of a process, parents before their children.
    func descendants(of root: pid_t) -> [Entry] {
        var children: [pid_t: [Int]] = [:]
        for index in entries.indices { children[entries[index].parent, default: []].append(index) }
        var found: [Entry] = []
        var open = [root]
        while let next = open.popLast() {
            for index in children[next] ?? [] {
                found.append(entries[index])
                open.append(entries[index].pid)
            }
        }
        return found
    }
}
