internal import CLinux
internal import Glibc
internal import Model
public import Services

/// The proof that a local runner lives: a lock on a file that the kernel takes away with the process, however it ends.
public final class LocalRunnerLock: Sendable {
    public let path: String
    private let descriptor: Int32

    /// This machine, as far as processes on it see one another's locks: its id and its name, as containers of one image
    /// may share the id.
    public static let host: String = {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let id = String((Files.text("/etc/machine-id") ?? "").prefix { $0 != "\n" })
        return id + "/" + String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    /// Makes and locks a new file in `directory`. Throws ``ExecutionError``.
    public init(directory: String, uuid: String) throws(ExecutionError) {
        try Files.makeDirectory(directory)
        path = "\(directory)/\(uuid).lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Files.failure("make the lock file", path) }
        guard plue_try_lock(descriptor) == 1 else {
            close(descriptor)
            throw Files.failure("lock", path)
        }
    }

    /// Gives the lock back and removes the file.
    public func release() {
        unlink(path)
        close(descriptor)
    }

    /// Whether some process holds the lock of that file: a free lock, or none, means that its runner is gone.
    public static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return errno != ENOENT }
        defer { close(descriptor) }
        return plue_try_lock(descriptor) == 0
    }
}

/// Ends the runs of local runners whose process is gone, and clears away what they left on this host.
public enum LostRunners {
    /// Returns how many there were. Throws what the services throw.
    @discardableResult
    public static func end(_ services: Services, workDirectory: String) async throws -> Int {
        var count = 0
        for runner in try await services.runners.localRunners(host: LocalRunnerLock.host) {
            guard let path = runner.lockPath, !LocalRunnerLock.isHeld(path) else { continue }
            // Its steps outlived it: they are found by the id in their environment.
            ProcessTree.killOrphans(trackingPrefix: runner.name + "_")
            Files.remove("\(workDirectory)/\(runner.uuid)")
            // Its row last: while it is there, a clean-up that was cut short is begun again.
            try await services.runners.endLost(runner, by: .system)
            unlink(path)
            count += 1
        }
        return count
    }
}
