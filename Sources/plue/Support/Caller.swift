internal import Model
internal import Services
internal import Synchronization

/// Who gives the command. A user is named, not proven: whoever can open the database may do everything with it anyway. A
/// job that was given its token in `PLUE_JOB_TOKEN` is that job, and may do what its `permissions` say.
enum Caller {
    private static let job = Mutex<Principal?>(nil)

    /// The user's name.
    static var user: String { Directories.variable("USER") ?? "plue" }

    /// By whom the services are called.
    static var principal: Principal { job.withLock { $0 } ?? Principal(.user, user) }

    /// Reads the token of the job that the command is given by, if there is one. Throws ``ServiceError`` `forbidden` for one
    /// that is no token, or no more.
    static func authenticate(_ services: Services) async throws {
        guard let token = Directories.variable("PLUE_JOB_TOKEN") else { return }
        let principal = try await services.tokens.principal(for: token)
        job.withLock { $0 = principal }
    }
}
