internal import WorkflowSyntax

/// Where the action of a `uses` lies.
enum ActionLocation: Equatable {
    /// Of the repository itself, or of a local copy of another one.
    case folder(ActionFolder)
    /// `actions/checkout` of the repository itself: plue does it.
    case checkout

    /// `action` is the one whose steps use it. Throws ``ExecutionError`` for what this host does not have.
    static func resolve(
        _ uses: String, workspace: String, localRepositories: [String: String], in action: ActionFolder? = nil
    ) throws(ExecutionError) -> ActionLocation {
        if uses.hasPrefix("docker://") {
            throw ExecutionError("\(uses): docker actions need a container engine, which plue does not use yet")
        }
        if uses.hasPrefix("./") || uses == "." {
            let path = Files.normalize(uses, in: workspace)
            guard path == workspace || path.hasPrefix(workspace + "/") else {
                throw ExecutionError("\(uses): the path leaves the repository")
            }
            try checkLinks(uses, path, root: workspace)
            return .folder(ActionFolder(path: path, root: workspace))
        }
        if uses.hasPrefix("$/") {
            var own = action ?? ActionFolder(path: workspace, root: workspace)
            own.path = Files.normalize("./" + uses.dropFirst(2), in: own.root)
            guard own.path == own.root || own.path.hasPrefix(own.root + "/") else {
                throw ExecutionError("\(uses): the path leaves the repository")
            }
            try checkLinks(uses, own.path, root: own.root)
            return .folder(own)
        }
        guard let remote = RemoteReference(uses) else {
            throw ExecutionError("\(uses): expected ./path, $/path, owner/repository[/path]@ref or docker://image")
        }
        if let folder = remote.folder(among: localRepositories) { return .folder(ActionFolder(remote, in: folder)) }
        if remote.repository.lowercased() == "actions/checkout", remote.path.isEmpty { return .checkout }
        throw ExecutionError(
            "\(uses): plue does not fetch actions yet; give a local copy with "
                + "--local-repository \(remote.repository)@\(remote.ref)=DIR")
    }

    private static func checkLinks(_ uses: String, _ path: String, root: String) throws(ExecutionError) {
        guard let real = Files.realPath(path), let realRoot = Files.realPath(root) else { return }
        guard real == realRoot || real.hasPrefix(realRoot + "/") else {
            throw ExecutionError("\(uses): a symbolic link leads out of the repository, to \(real)")
        }
    }
}

/// The manifest of an action's folder.
enum ActionManifestFile {
    /// Throws ``ExecutionError`` with file, line and column when there is none or it is invalid.
    static func load(_ action: ActionFolder) throws(ExecutionError) -> ActionManifest {
        let folder = action.path
        for name in ["action.yml", "action.yaml"] where Files.exists("\(folder)/\(name)") {
            let bytes: [UInt8]
            do {
                bytes = try RegularFile.bytes("\(folder)/\(name)", limit: 1 << 20 + 1, of: action.root)
            } catch {
                throw ExecutionError("\(folder)/\(name): \(error.message)")
            }
            let result = ActionParser().parse(String(decoding: bytes, as: UTF8.self), file: "\(folder)/\(name)")
            if let manifest = result.manifest { return manifest }
            let problem = result.diagnostics.first { $0.severity == .error }
            throw ExecutionError(
                problem.map { "\($0.file):\($0.position.line):\($0.position.column): \($0.message)" }
                    ?? "\(folder)/\(name): it cannot be read")
        }
        if Files.exists("\(folder)/Dockerfile") {
            throw ExecutionError("\(folder): docker actions need a container engine, which plue does not use yet")
        }
        throw ExecutionError(
            "Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '\(folder)'. Did you forget to run "
                + "actions/checkout before running your local action?")
    }
}
