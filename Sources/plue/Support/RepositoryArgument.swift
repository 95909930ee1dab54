internal import Model
internal import Services

/// A repository as people name it.
enum RepositoryArgument {
    /// That of an id, an `OWNER/NAME` or a folder. Throws ``CommandError``.
    ///
    /// - Parameter storing: a folder with a working tree that is not known yet is made known: something is set for it.
    static func find(_ text: String, _ services: Services, storing: Bool = false) async throws -> RepositoryID {
        if let id = Int64(text) { return RepositoryID(id) }
        let found = try await services.repositories.named(text, by: Caller.principal)
        if let first = found.first, found.count == 1 { return first.id }
        if found.isEmpty, let here = try await services.history.repository(location: Directories.absolute(text)) {
            return here.id
        }
        let folder = Directories.absolute(text)
        if found.isEmpty, storing, RepositoryRoot.find(folder) == folder {
            return try await store(try await Git.read(folder), services, by: Caller.principal).id
        }
        let message =
            found.isEmpty
            ? "there is no such repository"
            : "there are several: give the id of one (\(found.map { "\($0.id)" }.joined(separator: ", ")))"
        throw CommandError(ExitStatus.usage, "repository \(text): \(message)")
    }

    /// The repository of a working tree, made known if it is not.
    static func store(_ git: Git, _ services: Services, by principal: Principal) async throws -> Repository {
        let (owner, name) = git.repositoryName
        return try await services.workflows.repository(
            location: git.root, owner: owner, name: name, defaultBranch: git.defaultBranch, by: principal)
    }
}
