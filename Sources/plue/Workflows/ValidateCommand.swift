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
                if let hint = diagnostic.hint { Standard.line("  hint: \(hint)") }
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
            let root = RepositoryRoot.find(folder) ?? folder
            return try await Self.check(
                Project.files(root: root, path: nil).map { (Project.relative($0, to: root), $0) })
        }
        let base = directory.map(Directories.absolute) ?? Directories.current
        return try await Self.check(files.map { ($0, Files.normalize($0, in: base)) })
    }

    /// Files by the name that is shown and their path, on all processors.
    private static func check(_ files: [(name: String, path: String)]) async throws -> [(String, Diagnostic)] {
        let tasks = min(sysconf(Int32(_SC_NPROCESSORS_ONLN)), files.count)
        guard tasks > 1 else { return try files.flatMap(check) }
        return try await withThrowingTaskGroup(of: [(Int, [(String, Diagnostic)])].self) { group in
            for first in 0..<tasks {
                group.addTask {
                    try stride(from: first, to: files.count, by: tasks).map { ($0, try check(files[$0])) }
                }
            }
            var found = [[(String, Diagnostic)]](repeating: [], count: files.count)
            for try await part in group {
                for (index, diagnostics) in part { found[index] = diagnostics }
            }
            return found.flatMap(\.self)
        }
    }

    private static func check(_ file: (name: String, path: String)) throws -> [(String, Diagnostic)] {
        guard !Files.isDirectory(file.path), let bytes = Files.bytes(file.path, limit: 1 << 20 + 1) else {
            throw CommandError(
                ExitStatus.invalidWorkflow, "\(file.name): there is no such file, or it cannot be read")
        }
        let parser = WorkflowParser(linting: true, zones: ZoneDatabase())
        return parser.parse(bytes: bytes, file: file.name).diagnostics.map { (file.path, $0) }
    }
}
