import ArgumentParser
internal import Model
internal import Services
internal import Storage

/// `plue access check`
struct AccessCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say whether a user may do something there: exit code 0, or 4.",
        discussion: "Actions: " + AccessAction.allCases.map(\.rawValue).joined(separator: ", ") + ".")

    @OptionGroup var options: AccessScopeOptions
    @Argument(help: "The user's name.") var user: String
    @Argument(help: "What: run.create, secret.update, …") var action: String

    mutating func run() async throws {
        guard let action = AccessAction(rawValue: action) else {
            throw CommandError(
                ExitStatus.usage,
                "action \(action): expected \(AccessAction.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let services = try await Database.open(options.place.history.database, absent: .empty)
        let target = AccessTarget(try await options.scope(services))
        let (caller, asked) = (Caller.principal, Principal(.user, user))
        if caller != asked { try await services.access.check(.accessRead, target, by: caller) }
        let obstacle = try await services.access.obstacle(to: action, target, by: asked)
        await services.backend.close()
        if let obstacle { throw CommandError(ExitStatus.authentication, "\(target): \(obstacle)") }
        Standard.line("yes: it takes the role \(action.role.rawValue)")
    }
}
