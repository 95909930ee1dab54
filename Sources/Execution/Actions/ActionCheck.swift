package import WorkflowSyntax

/// Tells before a run whether an action can be executed on this host. A local action that is not there yet is left to
/// the run: a step may make it.
package enum ActionCheck {
    /// Calls `visit` for each step of a composite action, with the file that holds it and the actions around it.
    /// Throws ``ExecutionError`` for what this host does not have.
    package static func check(
        _ uses: String, root: String, localRepositories: [String: String], chain: ActionChain,
        visit: (Step, String, ActionChain) -> Void
    ) throws(ExecutionError) {
        guard
            case .folder(let action) = try ActionLocation.resolve(
                uses, workspace: root, localRepositories: localRepositories, in: chain.folders.last ?? chain.origin),
            !chain.folders.contains(action)
        else { return }
        let folder = action.path
        let manifest: ActionManifest
        do {
            manifest = try ActionManifestFile.load(action)
        } catch {
            if action.repository == nil, !Files.exists("\(folder)/action.yml"), !Files.exists("\(folder)/action.yaml"),
                !Files.exists("\(folder)/Dockerfile")
            {
                return
            }
            throw error
        }
        switch manifest.runs {
        case .docker(let image, _):
            throw ExecutionError(
                "\(uses): docker actions (\(image)) need a container engine, which plue does not use yet")
        case .javaScript:
            if Program.find("node") == nil {
                throw ExecutionError("\(uses): JavaScript actions need node on PATH: install Node.js 20 or later")
            }
        case .composite(let steps):
            for step in steps { visit(step, manifest.file, chain.adding(action)) }
        }
    }
}

/// The actions around a step, outermost first.
package struct ActionChain: Sendable {
    fileprivate var folders: [ActionFolder] = []
    fileprivate let origin: ActionFolder?

    /// Of a step of that workflow file.
    package init(file: String, localRepositories: [String: String]) {
        origin = ActionFolder(of: file, localRepositories)
    }

    fileprivate func adding(_ folder: ActionFolder) -> ActionChain {
        var copy = self
        copy.folders.append(folder)
        return copy
    }
}
