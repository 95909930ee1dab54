internal import Glibc
internal import Model
internal import Services
internal import Synchronization

/// Who gives the command. A user is named, not proven: whoever can open the database may do everything with it anyway. A
/// job that was given its token in `PLUE_JOB_TOKEN` is that job, and may do what its `permissions` say.
enum Caller {
    private static let job = Mutex<Principal?>(nil)

    /// Empty too: whoever means to act as a job is not to act as the user of the host.
    private static var token: String? { getenv("PLUE_JOB_TOKEN").map { String(cString: $0) } }

    /// Whether a job gives the command, or says so.
    static var isJob: Bool { token != nil }

    /// This command, as the audit log knows it.
    static let origin = CallOrigin(
        address: HostName.current, agent: Version.agent, requestID: UniqueName.make())

    private static var named: Principal {
        let named =
            !isJob ? Principal(.user, Directories.variable("USER") ?? "plue") : Principal(.job, "unknown")
        return named.calling(from: origin)
    }

    /// By whom the services are called.
    static var principal: Principal { job.withLock { $0 } ?? named }

    /// Who starts a run, where nobody else is named; known before a database is opened.
    static var user: String { named.actor }

    /// Proves that the command is given by a job, if it says so. Throws ``ServiceError`` `forbidden` for a token that is
    /// none, or no more, and ``CommandError``.
    static func authenticate(_ services: Services) async throws {
        guard let token else { return }
        guard !token.isEmpty else {
            throw CommandError(
                ExitStatus.usage,
                "PLUE_JOB_TOKEN is empty: jobs of `plue run` have no token; unset it to act as who you are")
        }
        let principal = try await services.tokens.principal(for: token, from: origin)
        job.withLock { $0 = principal }
    }
}
