import ArgumentParser
internal import Model
internal import Services
internal import Storage

/// `plue access revoke`
struct AccessRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take the role away that a user has there; roles elsewhere stay.")

    @OptionGroup var options: AccessScopeOptions
    @Argument(help: "The user's name.") var user: String

    mutating func run() async throws {
        let services = try await Database.open(options.place.history.database, absent: .empty)
        let scope = try await options.scope(services)
        let revoked = try await services.access.revoke(from: user, on: scope, by: Caller.principal)
        await services.backend.close()
        if revoked.opensInstallation {
            Standard.errorLine("it was the last role of all: from now on everybody may do everything again")
        }
    }
}
