import ArgumentParser
internal import Model
internal import Services
internal import Storage

/// Which rows of the audit log.
struct AuditFilterOptions: ParsableArguments {
    @Option(help: "workflow.create, run.cancel, secret.read, …") var action: String?
    @Option(help: "The name of a user or runner.") var actor: String?
    @Option(help: "A kind of thing, or one with its id: run, run:42.") var object: String?
    @Option(help: "Only what is of this repository: its id, OWNER/NAME or folder.") var repository: String?
    @Option(help: "success, denied or failure.") var outcome: String?
    @Option(help: "Not before: 2026-11-01 or 2026-11-01T12:00:00Z.") var since: String?
    @Option(help: "Before: 2026-11-01 or 2026-11-01T12:00:00Z.") var until: String?

    /// Throws ``CommandError``.
    func filter(_ audit: AuditService) async throws -> AuditService.Filter {
        var filter = AuditService.Filter()
        filter.action = action
        filter.actor = actor
        filter.outcome = outcome
        if let outcome, !["success", "denied", "failure"].contains(outcome) {
            throw CommandError(ExitStatus.usage, "--outcome \(outcome): expected success, denied or failure")
        }
        if let object {
            // What is empty narrows nothing: all rows would be taken for those of a kind, or of an id.
            let parts = object.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.allSatisfy({ !$0.isEmpty }) else {
                throw CommandError(
                    ExitStatus.usage, "--object '\(object)': expected KIND or KIND:ID, such as run or run:42")
            }
            filter.objectKind = parts.first
            filter.objectID = parts.count > 1 ? parts[1] : nil
        }
        if let repository { filter.repository = try await RepositoryArgument.find(repository, audit.services) }
        filter.since = try since.map { try Self.moment($0, "--since") }
        filter.until = try until.map { try Self.moment($0, "--until") }
        return filter
    }

    private static func moment(_ text: String, _ option: String) throws -> Timestamp {
        if let time = Timestamp(iso8601: text) ?? Timestamp(iso8601: text + "T00:00:00Z") { return time }
        throw CommandError(ExitStatus.usage, "\(option) \(text): expected 2026-11-01 or 2026-11-01T12:00:00Z")
    }
}
