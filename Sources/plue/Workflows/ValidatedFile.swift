internal import Execution
internal import WorkflowSyntax

/// A file that `plue validate` looks at.
struct ValidatedFile: Sendable {
    /// As it is shown.
    var name: String
    /// On this machine.
    var path: String

    private static let sizeLimit = 1 << 20 + 1

    /// The workflows and actions of a repository, in the order of their paths. Throws ``CommandError`` where there is none.
    static func all(in root: String) throws -> [ValidatedFile] {
        let workflows = try Project.files(root: root, path: nil)
        var actions = ["action.yml", "action.yaml"].map { "\(root)/\($0)" }.filter(Files.exists)
        actions += Self.actions(below: "\(root)/.github/actions", depth: 3)
        return (actions + workflows).map { ValidatedFile(name: Project.relative($0, to: root), path: $0) }
    }

    private static func actions(below folder: String, depth: Int) -> [String] {
        guard depth > 0, Files.isDirectory(folder) else { return [] }
        return Files.names(in: folder).sorted().flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            if name == "action.yml" || name == "action.yaml" { return [path] }
            return actions(below: path, depth: depth - 1)
        }
    }

    /// GitHub knows them by their names.
    private var isAction: Bool {
        let name = path.split(separator: "/").last ?? ""
        return name == "action.yml" || name == "action.yaml"
    }

    /// Everything that is wrong with the file itself. One that cannot be read is told like any other fault.
    func diagnostics() -> (found: [Diagnostic], workflow: Workflow?) {
        let bytes: [UInt8]
        do {
            bytes = try RegularFile.bytes(path, limit: Self.sizeLimit, of: RepositoryRoot.holding(path))
        } catch {
            let start = SourcePosition(line: 1, column: 1)
            return ([Diagnostic(code: "unreadable", message: error.message, file: name, at: start)], nil)
        }
        if isAction {
            return (ActionParser().parse(String(decoding: bytes, as: UTF8.self), file: name).diagnostics, nil)
        }
        let parser = WorkflowParser(linting: true, zones: ZoneDatabase())
        let result = parser.parse(bytes: bytes, file: name)
        return (result.diagnostics, result.workflow)
    }

    /// What is wrong with the calls of its workflow: GitHub refuses the run.
    func calls(of workflow: Workflow) -> [Diagnostic] {
        guard workflow.jobs.contains(where: { if case .call = $0.body { true } else { false } }),
            let root = RepositoryRoot.holding(path), path.hasPrefix(root + "/.github/workflows/")
        else { return [] }
        var check = Preflight(root: root, repository: ("", ""), localRepositories: [:], asksHost: false)
        // Calls name files from the top of the repository.
        var workflow = workflow
        workflow.file = Project.relative(path, to: root)
        check.check(workflow, jobs: Set(workflow.jobs.map { $0.id.lowercased() }))
        return check.diagnostics.filter { $0.file == workflow.file }.map { diagnostic in
            var shown = diagnostic
            shown.file = name
            return shown
        }
    }
}
