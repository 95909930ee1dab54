internal import Model
internal import Services

/// A repository as people name it.
enum RepositoryArgument {
    /// That of an id, an `OWNER/NAME` or a folder. Throws ``CommandError``.
    static func find(_ text: String, _ services: Services) async throws -> RepositoryID {
        if let id = Int64(text) { return RepositoryID(id) }
        let found = try await services.repositories.named(text, by: RunnerCommand.user)
        if let first = found.first, found.count == 1 { return first.id }
        if found.isEmpty, let here = try await services.history.repository(location: Directories.absolute(text)) {
            return here.id
        }
        let message =
            found.isEmpty
            ? "there is no such repository"
            : "there are several: give the id of one (\(found.map { "\($0.id)" }.joined(separator: ", ")))"
        throw CommandError(ExitStatus.usage, "repository \(text): \(message)")
    }
}
