package import WorkflowSyntax

/// Tells before a run whether an action can be executed on this host. A local action that is not there yet is left to
/// the run: a step may make it.
package enum ActionCheck {
    /// Calls `visit` for each step of a composite action, with the file that holds it and the actions around it.
    /// Throws ``ExecutionError`` for what this host does not have.
    package static func check(
        _ uses: String, root: String, localRepositories: [String: String], chain: [String],
        visit: (Step, String, [String]) -> Void
    ) throws(ExecutionError) {
        guard
            case .folder(let folder, _, _) = try ActionLocation.resolve(
                uses, workspace: root, localRepositories: localRepositories),
            !chain.contains(folder)
        else { return }
        let manifest: ActionManifest
        do {
            manifest = try ActionManifestFile.load(folder)
        } catch {
            if uses.hasPrefix("./"), !Files.exists("\(folder)/action.yml"), !Files.exists("\(folder)/action.yaml"),
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
            for step in steps { visit(step, manifest.file, chain + [folder]) }
        }
    }
}
