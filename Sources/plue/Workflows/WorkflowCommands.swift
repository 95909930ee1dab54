import ArgumentParser
internal import Execution
internal import Glibc
internal import WorkflowSyntax

/// `plue workflow`: commands on one file.
struct WorkflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflow", abstract: "Commands on one workflow file.", subcommands: [Keys.self, Parse.self])

    /// `plue workflow keys`: what of the format is supported.
    struct Keys: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "keys", abstract: "Print every key of workflow and action files, and what plue does with it.")

        mutating func run() async throws {
            for (title, keys) in [("Workflow files", SchemaKeys.workflow), ("action.yml", SchemaKeys.action)] {
                Standard.line("## \(title)\n")
                Standard.line("| key | | expressions may use |\n| --- | --- | --- |")
                for row in keys.rows {
                    let name = "`\(row.path)`" + (row.isRequired ? " (required)" : "")
                    Standard.line("| \(name) | \(row.status) | \(row.contexts) |")
                }
                Standard.line("")
            }
        }
    }

    /// `plue workflow parse`: the parsed template.
    struct Parse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "parse", abstract: "Print the parsed template, or the errors, as JSON.")

        @Argument(help: "The workflow file.") var file: String
        @Flag(help: "JSON, the only form.") var json = false
        @Option(help: "A JSON object with options of the parser.") var options: String?
        @Option(help: "The text of a called workflow, NAME=FILE.") var called: [String] = []

        mutating func run() async throws {
            guard let text = Files.text(Directories.absolute(file)) else {
                throw CommandError(ExitStatus.invalidWorkflow, "\(file): there is no such file, or it cannot be read")
            }
            let settings = try options.map { try TemplateOptions(json: $0) } ?? TemplateOptions()
            var others: [String: String] = [:]
            for argument in called {
                guard let equals = argument.firstIndex(of: "=") else {
                    throw CommandError(ExitStatus.usage, "--called \(argument): expected NAME=FILE")
                }
                let path = String(argument[equals...].dropFirst())
                guard let text = Files.text(Directories.absolute(path)) else {
                    throw CommandError(ExitStatus.usage, "\(path): there is no such file, or it cannot be read")
                }
                others[String(argument[..<equals])] = text
            }
            let name = file.split(separator: "/").last.map(String.init) ?? file
            let template = WorkflowTemplate(
                text, file: ".github/workflows/\(name)", options: settings, called: others)
            Standard.line(template.json)
            if template.hasErrors { Glibc.exit(ExitStatus.invalidWorkflow) }
        }
    }
}
