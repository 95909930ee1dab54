package import WorkflowSyntax

/// An action that lies on this machine.
struct ActionFolder: Equatable {
    /// Where its manifest is.
    var path: String
    /// The top of the repository that holds it: what `$/` means in its own steps.
    var root: String
    /// `owner/name` and what stands after the `@`, for an action of another repository.
    var repository: String?
    var reference: String?
}

extension ActionFolder {
    /// That of another repository of which `folder` is a copy.
    init(_ remote: RemoteReference, in folder: String) {
        path = remote.path.isEmpty ? folder : Files.normalize("./\(remote.path)", in: folder)
        root = folder
        repository = remote.repository
        reference = remote.ref
    }

    /// The top of the repository that holds a workflow file; nil for the run's own.
    init?(of file: String, _ localRepositories: [String: String]) {
        guard var remote = RemoteReference(file: file), let folder = remote.folder(among: localRepositories) else {
            return nil
        }
        remote.path = ""
        self.init(remote, in: folder)
    }
}

extension RemoteReference {
    /// The folder that has a copy of the repository, at that ref or at any; folders by `owner/name[@ref]`, lower-case.
    package func folder(among folders: [String: String]) -> String? {
        folders["\(repository)@\(ref)".lowercased()] ?? folders[repository.lowercased()]
    }
}
