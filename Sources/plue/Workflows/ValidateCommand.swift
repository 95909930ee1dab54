import ArgumentParser
internal import Execution
internal import Glibc
internal import WorkflowSyntax

/// `plue validate`: every diagnostic of workflow files.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check workflow files (default: all of the repository).")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, sarif
    }

    @Argument(help: "Workflow files.") var files: [String] = []
    @Option(name: [.customShort("C"), .customLong("directory")], help: "Work in this folder.") var directory: String?
    @Option(help: "text, json or sarif.") var format: Format = .text

    mutating func run() async throws {
        let diagnostics = try diagnostics()
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
        }
        if diagnostics.contains(where: { $0.1.severity == .error }) { Glibc.exit(ExitStatus.invalidWorkflow) }
    }

    /// With the path of the file on this machine.
    private func diagnostics() throws -> [(String, Diagnostic)] {
        if files.isEmpty {
            let folder = Directories.absolute(directory ?? ".")
            let root = RepositoryRoot.find(folder) ?? folder
            let project = try Project.read(root: root, path: nil, linting: true)
            return project.diagnostics.map { ("\(root)/\($0.file)", $0) }
        }
        return try files.flatMap { file in
            let base = directory.map(Directories.absolute) ?? Directories.current
            let path = Files.normalize(file, in: base)
            guard !Files.isDirectory(path), let bytes = Files.bytes(path, limit: 1 << 20 + 1) else {
                throw CommandError(ExitStatus.invalidWorkflow, "\(file): there is no such file, or it cannot be read")
            }
            return WorkflowParser(linting: true).parse(bytes: bytes, file: file).diagnostics.map { (path, $0) }
        }
    }
}
