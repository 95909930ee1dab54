internal import Glibc

/// Where this process can make control groups that count processes.
struct ControlGroupHierarchy: Equatable {
    enum Version: Equatable {
        /// A hierarchy of its own for the controller `pids`.
        case v1
        /// One hierarchy for all controllers, in which a group has members or groups with controllers, not both.
        case v2
    }

    var version: Version
    /// The folder of this process's own group.
    var folder: String

    /// By the texts of `/proc/self/mountinfo` and `/proc/self/cgroup`; nil where neither version is mounted so that this
    /// process's group is in sight.
    init?(mounts: String, memberships: String) {
        var own: [Version: Substring] = [:]
        for line in memberships.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            if fields[0] == "0", fields[1].isEmpty { own[.v2] = fields[2] }
            if fields[1].split(separator: ",").contains("pids") { own[.v1] = fields[2] }
        }
        // Where the controller has a hierarchy of its own, the common one does not have it.
        let version: Version = own[.v1] == nil ? .v2 : .v1
        guard let path = own[version] else { return nil }
        for line in mounts.split(separator: "\n") {
            guard let mount = Self.mount(line), mount.version == version,
                let rest = Self.rest(of: path, below: mount.root)
            else { continue }
            (self.version, folder) = (version, String(mount.point) + rest)
            return
        }
        return nil
    }

    private static func mount(_ line: Substring) -> (version: Version, root: Substring, point: Substring)? {
        // Between the mount point and the dash stands any number of fields. A space in a name is written as \040.
        let fields = line.split(separator: " ")
        guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3, !fields[4].contains("\\")
        else {
            return nil
        }
        switch fields[dash + 1] {
        case "cgroup2": return (.v2, fields[3], fields[4])
        case "cgroup" where fields[dash + 3].split(separator: ",").contains("pids"): return (.v1, fields[3], fields[4])
        default: return nil
        }
    }

    /// What of a path is below the folder that is mounted: empty, or beginning with a slash.
    private static func rest(of path: Substring, below root: Substring) -> Substring? {
        if root == "/" { return path == "/" ? "" : path }
        guard path.hasPrefix(root) else { return nil }
        let rest = path.dropFirst(root.count)
        return rest.isEmpty || rest.first == "/" ? rest : nil
    }

    /// The folder in which groups of jobs can be made; nil where the system has none for this process.
    static let parent: String? = {
        guard let mounts = Files.text("/proc/self/mountinfo"), let own = Files.text("/proc/self/cgroup"),
            let hierarchy = ControlGroupHierarchy(mounts: mounts, memberships: own)
        else { return nil }
        return hierarchy.prepare()
    }()

    /// Of version 2 a group counts the processes of the groups in it only once it has none itself: this process moves to one
    /// of them, if it is alone, as a service of systemd with `Delegate=yes` is.
    private func prepare() -> String? {
        guard access(folder, W_OK) == 0 else { return nil }
        removeOld()
        if version == .v1 || has("cgroup.subtree_control") { return folder }
        guard has("cgroup.controllers"), Files.text("\(folder)/cgroup.procs") == "\(getpid())\n" else { return nil }
        let inner = "\(folder)/plue"
        guard mkdir(inner, 0o755) == 0 || errno == EEXIST, ControlGroup.write("0", to: "\(inner)/cgroup.procs") else {
            return nil
        }
        if ControlGroup.write("+pids", to: "\(folder)/cgroup.subtree_control") { return folder }
        _ = ControlGroup.write("0", to: "\(folder)/cgroup.procs")
        rmdir(inner)
        return nil
    }

    private func has(_ file: String) -> Bool {
        Files.text("\(folder)/\(file)")?.split(whereSeparator: \.isWhitespace).contains("pids") == true
    }

    /// The name of a group of this process.
    static func name(_ number: Int) -> String { "plue-\(getpid())-\(ProcessTree.startTime(getpid()) ?? 0)-\(number)" }

    /// Groups of processes that are gone, which were killed: with what their jobs left behind.
    func removeOld() {
        for name in Files.names(in: folder) {
            let words = name.split(separator: "-")
            guard words.count == 4, words[0] == "plue", let pid = pid_t(words[1]), let start = UInt64(words[2]),
                ProcessTree.startTime(pid) != start
            else { continue }
            ControlGroup.end("\(folder)/\(name)")
        }
    }
}
