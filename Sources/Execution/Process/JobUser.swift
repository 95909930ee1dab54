internal import CLinux
internal import Glibc

/// The user as whom a server that is root runs steps: what root alone may read or change is out of their reach, plue's
/// database and keys with it.
public struct JobUser: Sendable, Equatable {
    public let name: String
    let uid: uid_t
    let gid: gid_t
    let groups: [gid_t]
    let home: String
    let shell: String

    /// Throws ``ExecutionError`` when there is no such user, when it is root, or when this process is not.
    public init(named name: String) throws(ExecutionError) {
        guard geteuid() == 0 else {
            throw ExecutionError("--user \(name): only root may run steps as another user")
        }
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            throw ExecutionError("--user \(name): there is no such user on this host")
        }
        guard entry.pw_uid != 0 else { throw ExecutionError("--user \(name): it is root, who may do anything") }
        self.name = name
        uid = entry.pw_uid
        gid = entry.pw_gid
        home = String(cString: entry.pw_dir)
        shell = String(cString: entry.pw_shell)
        var count: Int32 = 1_024
        var groups = [gid_t](repeating: 0, count: Int(count))
        guard getgrouplist(name, gid, &groups, &count) >= 0 else {
            throw ExecutionError("--user \(name): it is in more than 1,024 groups")
        }
        self.groups = Array(groups.prefix(Int(count)))
        guard enter() else {
            throw ExecutionError(
                "--user \(name): this process may not become that user: \(String(cString: strerror(errno)))")
        }
        plue_leave_user()
    }

    /// Where its jobs keep tools between them.
    public var toolCache: String { "\(home)/.cache/plue/tools" }

    /// What its steps see of themselves.
    var variables: [String: String] { ["HOME": home, "USER": name, "LOGNAME": name, "SHELL": shell] }

    func withRaw<R>(_ body: (UnsafePointer<plue_user>) -> R) -> R {
        groups.withUnsafeBufferPointer { groups in
            var raw = plue_user(uid: uid, gid: gid, group_count: Int32(groups.count), groups: groups.baseAddress)
            return body(&raw)
        }
    }

    /// Works with files as this user: what a step put in the way leads to nothing that it could not open itself. On the
    /// calling thread alone.
    func perform<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        // That it may, the initialiser has seen: what is missing is memory.
        while !enter() { usleep(1_000) }
        defer { plue_leave_user() }
        return try body()
    }

    private func enter() -> Bool { withRaw { plue_enter_user($0) } == 0 }

    /// Gives it a folder with all that is in it. Throws ``ExecutionError``.
    func own(_ path: String) throws(ExecutionError) {
        var open = [Array(path.utf8CString)]
        while let next = open.popLast() {
            guard lchown(next, uid, gid) == 0 else { throw Files.failure("change the owner of", path) }
            var info = stat()
            guard lstat(next, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else { continue }
            for name in Files.rawNames(in: next) { open.append(Files.join(next, name)) }
        }
    }

    func own(descriptor: Int32) { fchown(descriptor, uid, gid) }

    /// Throws ``ExecutionError`` when it may not enter the folder or one around it.
    public func checkEnters(_ path: String) throws(ExecutionError) {
        let descriptor = perform { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            throw ExecutionError(
                "--user \(name): it may not enter \(path) (\(String(cString: strerror(errno)))): name a folder that it may "
                    + "enter with XDG_CACHE_HOME, such as /var/cache")
        }
        close(descriptor)
    }
}

extension JobUser {
    /// Throws ``ExecutionError`` when it can read the file, which is plue's alone.
    public func checkCannotRead(_ path: String) throws(ExecutionError) {
        let descriptor = perform { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { return }
        close(descriptor)
        throw ExecutionError(
            "--user \(name): it can read \(path), which is plue's own; `chmod go-rwx` the file or its folder")
    }
}

extension JobUser? {
    func withRaw<R>(_ body: (UnsafePointer<plue_user>?) -> R) -> R {
        guard let self else { return body(nil) }
        return self.withRaw { body($0) }
    }

    /// As that user, or as this process is where there is none.
    func perform<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        guard let self else { return try body() }
        return try self.perform(body)
    }
}
