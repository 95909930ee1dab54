import ArgumentParser
internal import WorkflowSyntax

/// `plue version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    @Flag(help: "A JSON object.") var json = false

    mutating func run() {
        guard json else { return Standard.line(Version.text) }
        let record = ExpressionObject([("name", .string("plue")), ("version", .string(Version.number))])
        Standard.line(ExpressionValue.object(record).json(pretty: false))
    }
}

/// `plue completion`: a script for a shell.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print the completion script of a shell.")

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.") var shell: Shell

    mutating func run() {
        let kind: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        Standard.output(Plue.completionScript(for: kind))
    }
}
