internal import Model

/// Interprets the workflow commands of one step: what a line asks for, and whether commands are suspended.
struct CommandSession {
    /// What a line of output turned out to be.
    enum Outcome: Equatable {
        /// Ordinary output.
        case text
        case setOutput(name: String, value: String)
        case saveState(name: String, value: String)
        case setEnvironment(name: String, value: String)
        case addPath(String)
        case addMask(String)
        case annotation(Annotation)
        case debug(String)
        /// A heading that is shown, and its end, which is not.
        case group(String)
        case endGroup
        /// The path of a file with problem matchers.
        case addMatcher(String)
        /// By owner, or by the file that names owners: one of the two.
        case removeMatcher(owner: String?, file: String?)
        case warning(String)
        /// `echo`, `stop-commands` and other commands that only change how commands are read.
        case handled
        /// The command fails the step.
        case refused(String)
    }

    private static let names: Set<String> = [
        "set-output", "save-state", "set-env", "add-path", "add-mask", "error", "warning", "notice", "debug", "group",
        "endgroup", "echo", "stop-commands", "add-matcher", "remove-matcher", "internal-set-repo-path",
    ]

    /// Whether commands are shown in the log (`::echo::on`).
    private(set) var echoes = false
    private var stopToken: String?
    private let allowsUnsecureCommands: Bool
    private let allowsUnsecureTokens: Bool

    init(environment: (String) -> String?) {
        func isOn(_ name: String) -> Bool { ["1", "true"].contains(environment(name)?.lowercased()) }
        allowsUnsecureCommands = isOn("ACTIONS_ALLOW_UNSECURE_COMMANDS")
        allowsUnsecureTokens = isOn("ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS")
    }

    mutating func process(_ line: String) -> Outcome {
        // Nearly all lines hold no command: tell them quickly.
        guard line.utf8.contains(UInt8(ascii: ":")) || line.utf8.contains(UInt8(ascii: "#")) else { return .text }
        guard let command = WorkflowCommand(line) else { return .text }
        if let token = stopToken {
            guard command.name == token.lowercased() else { return .text }
            stopToken = nil
            return .handled
        }
        guard Self.names.contains(command.name) else { return .text }
        return outcome(of: command)
    }

    private mutating func outcome(of command: WorkflowCommand) -> Outcome {
        switch command.name {
        case "set-output": return named(command) { .setOutput(name: $0, value: command.data) }
        case "save-state": return named(command) { .saveState(name: $0, value: command.data) }
        case "set-env":
            guard allowsUnsecureCommands else { return Self.refusedAsUnsecure("set-env") }
            return named(command) { .setEnvironment(name: $0, value: command.data) }
        case "add-path":
            return allowsUnsecureCommands ? .addPath(command.data) : Self.refusedAsUnsecure("add-path")
        case "add-mask":
            return command.data.isEmpty
                ? .warning("Can't add secret mask for empty string in ##[add-mask] command.") : .addMask(command.data)
        case "error": return .annotation(AnnotationReader.read(command, .error))
        case "warning": return .annotation(AnnotationReader.read(command, .warning))
        case "notice": return .annotation(AnnotationReader.read(command, .notice))
        case "debug": return .debug(command.data)
        case "group": return .group(command.data)
        case "endgroup": return .endGroup
        case "add-matcher":
            return command.data.isEmpty ? .warning("File path must be specified.") : .addMatcher(command.data)
        case "remove-matcher": return removal(command)
        case "echo": return echo(command.data)
        case "stop-commands": return stop(command.data)
        default: return .handled
        }
    }

    private func removal(_ command: WorkflowCommand) -> Outcome {
        switch (command["owner"], command.data) {
        case (nil, ""): .warning("##[remove-matcher] needs the name of an owner, or a file.")
        case (let owner?, ""): .removeMatcher(owner: owner, file: nil)
        case (nil, let file): .removeMatcher(owner: nil, file: file)
        default: .warning("##[remove-matcher] takes the name of an owner or a file, not both.")
        }
    }

    private mutating func echo(_ value: String) -> Outcome {
        switch value.lowercased() {
        case "on": echoes = true
        case "off": echoes = false
        default:
            return .refused(
                "Invalid echo command value. Possible values can be: 'on', 'off'. Current value is: '\(value)'.")
        }
        return .handled
    }

    private mutating func stop(_ token: String) -> Outcome {
        let folded = token.lowercased()
        let isSafe = !token.isEmpty && !Self.names.contains(folded) && folded != "pause-logging"
        guard isSafe || allowsUnsecureTokens else {
            return .refused("Invalid stop token '\(token)': it must not be empty or the name of a command.")
        }
        stopToken = token
        return token.utf8.count > 6 ? .addMask(token) : .handled
    }

    private func named(_ command: WorkflowCommand, _ make: (String) -> Outcome) -> Outcome {
        guard let name = command["name"], !name.isEmpty else {
            return .refused("Required field 'name' is missing in ##[\(command.name)] command.")
        }
        return make(name)
    }

    private static func refusedAsUnsecure(_ name: String) -> Outcome {
        .refused(
            "The `\(name)` command is disabled. Please upgrade to using Environment Files or opt into unsecure command "
                + "execution by setting the `ACTIONS_ALLOW_UNSECURE_COMMANDS` environment variable to `true`.")
    }
}
