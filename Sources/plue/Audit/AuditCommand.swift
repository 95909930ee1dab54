import ArgumentParser
internal import Execution
internal import Services
internal import Storage

/// `plue audit`: who did what, sealed so that nobody changes it unseen.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Who did what: list, verify, prove, export, seal.",
        discussion: """
            Each row stands in the transaction of what it tells. Servers (`plue runner start`) seal rows as leaves of a \
            Merkle tree (RFC 6962), whose root they sign; checkpoints go to a folder outside of the database as well: that \
            of PLUE_AUDIT_CHECKPOINTS, else audit/checkpoints beside the embedded database. The root key is that of \
            `plue key`. Whoever owns the database can change rows, but not so that `plue audit verify` does not \
            tell; keep the checkpoints where that user cannot write.
            """,
        subcommands: [
            AuditListCommand.self, AuditVerifyCommand.self, AuditProveCommand.self, AuditExportCommand.self,
            AuditSealCommand.self, AuditKeyCommand.self,
        ])

    /// Opens the database with the root key, does that, and closes it. A log that is not what was signed is no fault of the
    /// call.
    ///
    /// - Parameter preparesMonths: false where nothing is written: what somebody did to the tables must not stand in the way
    ///   of telling it.
    static func with(
        _ options: DatabaseOptions, keys: Database.Keys = .offered, preparesMonths: Bool = true,
        _ body: (AuditService) async throws -> Void
    ) async throws {
        let database = try await Database(options.database, absent: .empty)
        let services = try await database.services(keys: keys, preparesMonths: preparesMonths)
        do {
            try await body(services.audit)
        } catch let error as ServiceError where error.code == .conflict {
            await database.backend.close()
            throw CommandError(ExitStatus.engine, "\(error)")
        } catch {
            await database.backend.close()
            throw error
        }
        await database.backend.close()
    }
}
