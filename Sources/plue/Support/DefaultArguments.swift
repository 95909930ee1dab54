internal import Execution

/// Arguments that a run gets beside those of the command line, which win: `PLUE_*` variables, `./.plue.toml`, the user's
/// `config.toml`, and act's `./.actrc`.
enum DefaultArguments {
    /// The options that may be set: whether they take a value, and whether they may stand several times.
    private static let options: [String: (takesValue: Bool, repeats: Bool)] = [
        "database": (true, false), "concurrent-jobs": (true, false),
        "max-processes": (true, false), "inherit": (true, true), "strict": (false, false), "progress": (true, false),
        "platform": (true, true), "local-repository": (true, true), "env": (true, true), "env-file": (true, false),
        "var": (true, true), "var-file": (true, false), "secret-file": (true, false), "input-file": (true, false),
        "actor": (true, false), "workflows": (true, false), "no-history": (false, false), "verbose": (false, false),
    ]
    /// What other commands understand of it.
    private static let historyVerbs: Set<String> = [
        "runs", "view", "watch", "logs", "cancel", "db", "doctor", "backup", "restore",
    ]
    private static let runVerbs: Set<String> = ["run", "plan"]

    /// The arguments with the defaults put behind the verb. Throws ``CommandError`` for a setting that does not exist.
    static func added(to arguments: [String]) throws -> [String] {
        guard let verb = arguments.first, runVerbs.contains(verb) || historyVerbs.contains(verb) || verb == "rerun"
        else { return arguments }
        // A verb of `db` stands before its options.
        let head = Array(arguments.prefix(verb == "db" ? 2 : 1))
        let given = Array(arguments.dropFirst(head.count))
        guard verb != "db" || head.last?.hasPrefix("-") == false && head.count == 2 else { return arguments }
        var seen: Set<String> = []
        var defaults: [String] = []
        for (name, values) in try settings() where isKnown(name, to: verb) && !isGiven(name, in: given) {
            guard let option = options[name], option.repeats || seen.insert(name).inserted else { continue }
            for value in values {
                if option.takesValue {
                    defaults += ["--\(name)", value]
                } else if value == "true" || value == "1" {
                    defaults.append("--\(name)")
                }
            }
        }
        let act = runVerbs.contains(verb) ? ActSettings.arguments(Directories.current) : []
        return head + defaults + act + given
    }

    /// From the strongest to the weakest.
    private static func settings() throws -> [(String, [String])] {
        var settings: [(String, [String])] = []
        for name in options.keys.sorted() {
            let variable = "PLUE_" + name.uppercased().replacing("-", with: "_")
            if let value = Directories.variable(variable) { settings.append((name, [value])) }
        }
        for file in ["\(Directories.current)/.plue.toml", "\(Directories.configuration)/config.toml"] {
            for (key, values, line) in try SettingsFile.read(file) {
                guard options[key] != nil else {
                    let known = options.keys.sorted().joined(separator: ", ")
                    throw CommandError(
                        ExitStatus.usage, "\(file):\(line):1: there is no setting \(key); known are \(known)")
                }
                settings.append((key, values))
            }
        }
        return settings
    }

    private static func isKnown(_ name: String, to verb: String) -> Bool {
        if historyVerbs.contains(verb) { return name == "database" }
        if verb == "rerun" { return !["workflows", "no-history", "var", "var-file", "input-file"].contains(name) }
        return true
    }

    private static func isGiven(_ name: String, in arguments: [String]) -> Bool {
        guard options[name]?.repeats == false else { return false }
        return arguments.contains { $0 == "--\(name)" || $0.hasPrefix("--\(name)=") }
    }
}

/// act's settings file, an option a line. Images and container options mean nothing on the host: a note says so.
enum ActSettings {
    private static let withValue: Set<String> = [
        "-j", "--job", "-W", "--workflows", "-C", "--directory", "-e", "--eventpath", "-P", "--platform", "-s",
        "--secret", "--secret-file", "--var", "--var-file", "--input", "--input-file", "--env", "--env-file",
        "--matrix",
        "--concurrent-jobs", "-a", "--actor", "--local-repository",
    ]
    private static let flags: Set<String> = ["-v", "--verbose", "-w", "--watch", "-n", "--dryrun", "--json"]

    static func arguments(_ directory: String) -> [String] {
        guard let text = Files.text("\(directory)/.actrc") else { return [] }
        var arguments: [String] = []
        for line in text.split(whereSeparator: \.isNewline).map(\.trimmed) where !line.isEmpty && !line.hasPrefix("#") {
            let split = line.firstIndex { $0 == " " || $0 == "=" && line.hasPrefix("--") }
            let option = String(line[..<(split ?? line.endIndex)])
            let value = split.map { line[line.index(after: $0)...].trimmed } ?? ""
            if withValue.contains(option), !value.isEmpty {
                if option == "-P" || option == "--platform", !value.hasSuffix("=-self-hosted") {
                    Standard.errorLine(".actrc: \(line) is passed over: jobs run on this host")
                } else {
                    arguments += [option, value]
                }
            } else if flags.contains(option), value.isEmpty {
                arguments.append(option)
            } else {
                Standard.errorLine(".actrc: \(line) is passed over: plue has no such option")
            }
        }
        return arguments
    }
}
