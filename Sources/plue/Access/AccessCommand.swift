import ArgumentParser

/// `plue access`: who may do what.
struct AccessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access", abstract: "Who may do what: grant, revoke, list, check.",
        discussion: """
            Until the first grant everybody may do everything; the first is admin on the installation. Roles are GitHub's: \
            read, triage, write, maintain, admin. This program only names its user ($USER) and asks for no proof: whoever \
            can open the database can change it anyway. Platforms that embed plue prove who their users are.
            """,
        subcommands: [
            AccessGrantCommand.self, AccessRevokeCommand.self, AccessListCommand.self, AccessCheckCommand.self,
        ])
}
