/// The mark of a server on this host: while its process lives the file is locked, and processes that its jobs left are
/// found by its name when it died.
public final class ServerLock: Sendable {
    private static let suffix = ".server"

    /// What `RUNNER_TRACKING_ID` begins with in the environment of the server's steps.
    public let name: String
    private let lock: LocalRunnerLock

    /// Makes and locks a new file in `directory`. `uuid` names the server's folder below the work directory too. Throws
    /// ``ExecutionError``.
    public init(directory: String, uuid: String) throws(ExecutionError) {
        name = Self.name(uuid)
        lock = try LocalRunnerLock(directory: directory, uuid: uuid + Self.suffix)
    }

    public func release() {
        lock.release()
    }

    /// Ends what servers left whose process is gone: their steps outlived them, their folders hold the jobs' trees. What
    /// became of the jobs is the queue's business.
    public static func clearLost(directory: String, workDirectory: String) {
        for file in Files.names(in: directory) where file.hasSuffix(suffix + ".lock") {
            let path = "\(directory)/\(file)"
            guard !LocalRunnerLock.isHeld(path) else { continue }
            let uuid = String(file.dropLast((suffix + ".lock").count))
            guard uuid.utf8.count == 32, uuid.allSatisfy(\.isHexDigit) else { continue }
            ProcessTree.killOrphans(trackingPrefix: name(uuid) + "_")
            Files.remove("\(workDirectory)/\(uuid)")
            Files.remove(path)
        }
    }

    private static func name(_ uuid: String) -> String { "plue-\(uuid)" }
}
