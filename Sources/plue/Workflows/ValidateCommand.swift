import ArgumentParser
internal import Execution
internal import Glibc
internal import WorkflowSyntax

/// `plue validate`: every diagnostic of workflow files.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check workflow files (default: all of the repository).",
        discussion: """
            Exit 5 with an error, 0 with less. Findings of the linter are left out on a line with
            "# plue: ignore[CODE]", after a line with that comment alone, or in a file with "# plue: ignore-file[CODE]".
            --codes lists what the linter can find.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, sarif, github
    }

    enum Level: String, ExpressibleByArgument, CaseIterable {
        case error, warning, note
    }

    @Argument(help: "Workflow files.") var files: [String] = []
    @Option(name: [.customShort("C"), .customLong("directory")], help: "Work in this folder.") var directory: String?
    @Option(help: "text, json, sarif or github (annotations of a job).") var format: Format = .text
    @Option(help: "The least that is told: error, warning or note.") var level: Level = .warning

    @Flag(help: "List the codes of the linter, and do nothing else.") var codes = false

    mutating func run() async throws {
        if codes {
            for code in LintCode.allCases { Standard.line("\(code.rawValue)  \(code.summary)") }
            return
        }
        let least = Diagnostic.Severity(rawValue: level.rawValue) ?? .note
        let diagnostics = try await diagnostics().filter { $0.1.severity >= least }
        switch format {
        case .text:
            let excerpts = SourceExcerpt()
            for (path, diagnostic) in diagnostics {
                Standard.line(diagnostic.line)
                if let hint = diagnostic.hint { Standard.line("  hint: \(hint.oneLine)") }
                Standard.output(excerpts.text(path, diagnostic.position))
            }
        case .json: Standard.line(DiagnosticReport.json(diagnostics.map(\.1)))
        case .sarif: Standard.line(DiagnosticReport.sarif(diagnostics.map(\.1)))
        case .github: for (_, diagnostic) in diagnostics { Standard.line(DiagnosticReport.command(diagnostic)) }
        }
        if diagnostics.contains(where: { $0.1.severity == .error }) { Glibc.exit(ExitStatus.invalidWorkflow) }
    }

    /// With the path of the file on this machine.
    private func diagnostics() async throws -> [(String, Diagnostic)] {
        if files.isEmpty {
            let folder = Directories.absolute(directory ?? ".")
            return await Self.check(try ValidatedFile.all(in: RepositoryRoot.find(folder) ?? folder))
        }
        let base = directory.map(Directories.absolute) ?? Directories.current
        let named = try files.flatMap { name -> [ValidatedFile] in
            let path = Files.normalize(name, in: base)
            guard Files.isDirectory(path) else { return [ValidatedFile(name: name, path: path)] }
            if Files.isDirectory("\(path)/\(Project.defaultFolder)") { return try ValidatedFile.all(in: path) }
            return try Project.files(root: path, path: path).map {
                ValidatedFile(name: Project.relative($0, to: base), path: $0)
            }
        }
        return await Self.check(named)
    }

    /// On all processors.
    private static func check(_ files: [ValidatedFile]) async -> [(String, Diagnostic)] {
        let tasks = min(sysconf(Int32(_SC_NPROCESSORS_ONLN)), files.count)
        guard tasks > 1 else { return files.flatMap(check) }
        return await withTaskGroup(of: [(Int, [(String, Diagnostic)])].self) { group in
            for first in 0..<tasks {
                group.addTask {
                    stride(from: first, to: files.count, by: tasks).map { ($0, check(files[$0])) }
                }
            }
            var found = [[(String, Diagnostic)]](repeating: [], count: files.count)
            for await part in group {
                for (index, diagnostics) in part { found[index] = diagnostics }
            }
            return found.flatMap(\.self)
        }
    }

    private static func check(_ file: ValidatedFile) -> [(String, Diagnostic)] {
        let (found, workflow) = file.diagnostics()
        return (found + (workflow.map(file.calls) ?? [])).map { (file.path, $0) }
    }
}
