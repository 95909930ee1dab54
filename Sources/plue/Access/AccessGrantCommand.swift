import ArgumentParser
internal import Model
internal import Services
internal import Storage

/// `plue access grant`
struct AccessGrantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Give a user a role, in place of the one that they have there.")

    @OptionGroup var options: AccessScopeOptions
    @Argument(help: "The user's name.") var user: String
    @Argument(help: ArgumentHelp(Role.allCases.map(\.rawValue).joined(separator: ", ") + ".")) var role: String

    mutating func run() async throws {
        let words = Role.allCases.map(\.rawValue).joined(separator: ", ")
        guard let role = Role(rawValue: role) else {
            throw CommandError(ExitStatus.usage, "role \(role): expected \(words)")
        }
        let services = try await Database.open(options.place.history.database)
        let wasEnforced = try await services.access.isEnforced()
        let scope = try await options.scope(services, storing: true)
        let made = try await services.access.grant(role, to: user, on: scope, by: Caller.principal)
        await services.backend.close()
        if let old = made.replaced, old != role { Standard.errorLine("instead of \(old.rawValue)") }
        if !wasEnforced { Standard.errorLine("from now on users may do what they were granted, and nothing else") }
    }
}
