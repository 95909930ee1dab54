import ArgumentParser
internal import Services
internal import WorkflowSyntax

/// `plue graph`: which job needs which.
struct GraphCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "graph", abstract: "Draw the job graph.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case ascii, dot, mermaid, svg
    }

    @Option(name: [.customShort("C"), .customLong("directory")], help: "Work in this folder.") var directory: String?
    @Option(name: [.customShort("W"), .customLong("workflows")], help: "A workflow file or a folder of them.")
    var workflows: String?
    @Option(help: "ascii, dot, mermaid or svg.") var format: Format = .ascii

    mutating func run() async throws {
        try Self.draw(directory: directory, workflows: workflows, format: format)
    }

    static func draw(directory: String?, workflows: String?, format: Format) throws {
        let project = try ProjectFolder.read(directory: directory, workflows: workflows)
        if format == .svg, project.sources.count > 1 {
            throw CommandError(ExitStatus.usage, "an SVG holds one workflow: choose it with -W")
        }
        for source in project.sources {
            let drawing = GraphDrawing(source)
            switch format {
            case .ascii: Standard.output(drawing.ascii)
            case .dot: Standard.output(drawing.dot)
            case .mermaid: Standard.output(drawing.mermaid)
            case .svg: Standard.output(drawing.svg)
            }
        }
        for diagnostic in project.errors { Standard.errorLine(diagnostic.line) }
        if !project.errors.isEmpty { throw ExitCode(ExitStatus.invalidWorkflow) }
    }
}
