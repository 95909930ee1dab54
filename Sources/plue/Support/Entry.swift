internal import ArgumentParser
internal import Cryptography
internal import Execution
internal import Glibc
internal import Services
internal import Storage
internal import WorkflowSyntax

/// Parses the command line, runs the command, and turns every error into a message and an exit code.
enum Entry {
    /// The parser looks at every option of every command that it may meet: about 1 ms of a run. A verb that is known is
    /// parsed alone; help and errors, which name the whole command, take the long way.
    private static func parse(
        _ root: any AsyncParsableCommand.Type, _ arguments: [String]
    ) throws -> any ParsableCommand {
        if let verb = arguments.first,
            let type = root.configuration.subcommands.first(where: { $0.configuration.commandName == verb }),
            type.configuration.subcommands.isEmpty, !arguments.contains("-h"), !arguments.contains("--help"),
            let command = try? type.parseAsRoot(Array(arguments.dropFirst()))
        {
            return command
        }
        return try root.parseAsRoot(arguments)
    }

    static func run(_ root: any AsyncParsableCommand.Type, arguments: [String]) async {
        do {
            try refuseUnknown(arguments.first, of: root)
            var command = try parse(root, try DefaultArguments.added(to: arguments))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            try Standard.check()
        } catch let error as CommandError {
            Standard.errorLine("plue: \(error.message)")
            exit(error.exitCode)
        } catch let error as StorageError {
            Standard.errorLine("plue: \(error.message)")
            exit(ExitStatus.engine)
        } catch let error as ServiceError {
            Standard.errorLine("plue: \(error)")
            exit(exitCode(error.code))
        } catch let error as CryptographyError {
            Standard.errorLine("plue: \(error)")
            exit(ExitStatus.engine)
        } catch let error as ExecutionError {
            Standard.errorLine("plue: \(error.message)")
            exit(ExitStatus.engine)
        } catch let error as ExpressionError {
            Standard.errorLine("plue: \(error.message)")
            exit(ExitStatus.invalidWorkflow)
        } catch {
            root.exit(withError: error)
        }
    }

    /// A first argument that is no option is a command.
    private static func refuseUnknown(_ verb: String?, of root: any AsyncParsableCommand.Type) throws {
        guard let verb, !verb.hasPrefix("-"), verb != "help" else { return }
        guard !root.configuration.subcommands.contains(where: { $0.configuration.commandName == verb }) else { return }
        throw CommandError(ExitStatus.usage, "there is no command '\(verb)'; `plue --help` lists them")
    }

    /// What a service refuses is the caller's to change, but for a job that someone else took over.
    private static func exitCode(_ code: ServiceError.Code) -> Int32 {
        switch code {
        case .invalidWorkflow: ExitStatus.invalidWorkflow
        case .notFound, .illegalTransition, .conflict, .limit, .invalidInput: ExitStatus.usage
        case .forbidden: ExitStatus.authentication
        case .staleAssignment: ExitStatus.engine
        }
    }
}
