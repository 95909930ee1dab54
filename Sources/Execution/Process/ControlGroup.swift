internal import Glibc

/// The control group of one job (cgroups(7), the controller `pids`): the kernel refuses it whatever would be a process too
/// many, and knows all that belong to it, also what left its session and its parents and forgot its environment.
final class ControlGroup: Sendable {
    private let folder: String
    /// Open for writing: a process of one thread that writes 0 there belongs to the group, with all that it starts.
    let entrance: Int32

    /// Made in that folder of a hierarchy that has the controller; nil where this process may not.
    ///
    /// - Parameter tasks: processes and threads that it may have at once; 0 is no limit.
    init?(in parent: String, named name: String, tasks: Int) {
        folder = "\(parent)/\(name)"
        guard mkdir(folder, 0o755) == 0 else { return nil }
        // Version 1 moves single threads too. For a process the kernel waits until none forks anywhere, some 10 ms; for the
        // thread that asks for itself it need not.
        let threads = open("\(folder)/tasks", O_WRONLY | O_CLOEXEC)
        entrance = threads >= 0 ? threads : open("\(folder)/cgroup.procs", O_WRONLY | O_CLOEXEC)
        guard entrance >= 0, tasks == 0 || Self.write("\(tasks)", to: "\(folder)/pids.max") else {
            if entrance >= 0 { close(entrance) }
            rmdir(folder)
            return nil
        }
    }

    /// Processes and threads at once.
    var tasks: Int { Files.text("\(folder)/pids.current").flatMap(Self.number) ?? 0 }

    /// Whether it was refused one.
    var hasBeenRefused: Bool {
        guard let text = Files.text("\(folder)/pids.events") else { return false }
        return text.split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            return words.count == 2 && words[0] == "max" && words[1] != "0"
        }
    }

    var processes: [pid_t] { Self.processes(folder) }

    private static func processes(_ folder: String) -> [pid_t] {
        (Files.text("\(folder)/cgroup.procs") ?? "").split(separator: "\n").compactMap { pid_t($0) }.filter { $0 > 0 }
    }

    /// Nothing in it starts anything from now on.
    func admitNone() { Self.admitNone(folder) }

    private static func admitNone(_ folder: String) {
        _ = write("0", to: "\(folder)/pids.max")
    }

    /// Nothing is in it any more, or soon.
    func remove() {
        close(entrance)
        for _ in 0..<100 where rmdir(folder) != 0 && errno == EBUSY { usleep(1_000) }
    }

    /// One that a process made which is gone: what is left in it is killed.
    static func end(_ folder: String) {
        admitNone(folder)
        for _ in 0..<1_000 where rmdir(folder) != 0 && errno == EBUSY {
            let left = processes(folder)
            // Of another pid namespace: not to be seen from here.
            if left.isEmpty { return }
            for pid in left { kill(pid, SIGKILL) }
            usleep(1_000)
        }
    }

    /// A file of the kernel's takes a value by one write, and is neither made nor emptied.
    static func write(_ text: String, to path: String) -> Bool {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return Glibc.write(file, text, text.utf8.count) == text.utf8.count
    }

    private static func number(_ text: String) -> Int? { Int(text.prefix { $0.isNumber }) }
}
