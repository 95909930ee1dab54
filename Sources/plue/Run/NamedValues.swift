internal import Execution
internal import WorkflowSyntax

/// `NAME=VALUE` arguments and files of them.
enum NamedValues {
    /// Arguments; one without `=` takes its value from the environment, or is refused.
    static func arguments(_ arguments: [String], _ option: String) throws -> [(String, String)] {
        try arguments.map { argument in
            if let equals = argument.firstIndex(of: "=") {
                let name = String(argument[..<equals])
                guard !name.isEmpty else {
                    throw CommandError(ExitStatus.usage, "\(option) \(argument): the name is missing")
                }
                return (name, String(argument[equals...].dropFirst()))
            }
            guard let value = Directories.variable(argument) else {
                throw CommandError(
                    ExitStatus.usage,
                    "\(option) \(argument): give \(argument)=VALUE, or set \(argument) in the environment")
            }
            return (argument, value)
        }
    }

    /// Folders of repositories, by what stands before the `=` in lower case.
    static func folders(_ arguments: [String], _ option: String, form: String) throws -> [String: String] {
        var folders: [String: String] = [:]
        for argument in arguments {
            guard let equals = argument.firstIndex(of: "="), argument[..<equals].contains("/") else {
                throw CommandError(ExitStatus.usage, "\(option) \(argument): expected \(form)")
            }
            let folder = Directories.absolute(String(argument[equals...].dropFirst()))
            guard Files.isDirectory(folder) else {
                throw CommandError(ExitStatus.usage, "\(option) \(argument): \(folder) is not a folder")
            }
            folders[argument[..<equals].lowercased()] = folder
        }
        return folders
    }

    /// A file of `NAME=VALUE` lines, or of a JSON or YAML object. A file that was not asked for may be missing.
    static func file(_ path: String?, standard: String, in directory: String) throws -> [(String, String)] {
        let chosen = Files.normalize(path ?? standard, in: path == nil ? directory : Directories.current)
        // A folder `.env` is one of Python, and no file of variables.
        if path == nil, Files.isDirectory(chosen) { return [] }
        guard let bytes = try InputFile.bytes(chosen, limit: InputFile.valuesLimit) else {
            if path == nil { return [] }
            throw CommandError(ExitStatus.usage, "\(chosen): there is no such file")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if text.trimmed.hasPrefix("{") {
            do {
                guard case .object(let object) = try ExpressionValue(json: text) else { return [] }
                return object.pairs.map { ($0.key, $0.value.text) }
            } catch {
                throw CommandError(ExitStatus.usage, "\(chosen): \(error.message)")
            }
        }
        if chosen.hasSuffix(".yml") || chosen.hasSuffix(".yaml") { return try yaml(text, chosen) }
        return try lines(text, chosen)
    }

    private static func yaml(_ text: String, _ path: String) throws -> [(String, String)] {
        switch YAMLDocument.values(text, file: path) {
        case .success(let values): return values
        case .failure(let problem):
            throw CommandError(
                ExitStatus.usage,
                "\(problem.file):\(problem.position.line):\(problem.position.column): \(problem.message)")
        }
    }

    /// Lines as of a dotenv file: `export` is allowed, `#` begins a comment, quotes keep blanks and line breaks.
    private static func lines(_ text: String, _ path: String) throws -> [(String, String)] {
        var values: [(String, String)] = []
        var rest = text[...]
        var number = 0
        while !rest.isEmpty {
            number += 1
            let end = rest.firstIndex(where: \.isNewline) ?? rest.endIndex
            var line = rest[..<end].trimmed
            rest = end == rest.endIndex ? "" : rest[rest.index(after: end)...]
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("export ") { line = String(line.dropFirst(7)).trimmed }
            guard let equals = line.firstIndex(of: "="), equals != line.startIndex else {
                throw CommandError(ExitStatus.usage, "\(path):\(number):1: expected NAME=VALUE")
            }
            let name = line[..<equals].trimmed
            var value = line[equals...].dropFirst().trimmed
            if let quote = value.first, quote == "\"" || quote == "'" {
                // A quoted value may go over several lines.
                while !value.dropFirst().contains(quote), !rest.isEmpty {
                    number += 1
                    let end = rest.firstIndex(where: \.isNewline) ?? rest.endIndex
                    value += "\n" + rest[..<end]
                    rest = end == rest.endIndex ? "" : rest[rest.index(after: end)...]
                }
                let inner = value.dropFirst()
                value = String(inner[..<(inner.firstIndex(of: quote) ?? inner.endIndex)])
                if quote == "\"" { value = unescape(value) }
            } else if let comment = value.firstRange(of: " #") {
                value = value[..<comment.lowerBound].trimmed
            }
            values.append((name, value))
        }
        return values
    }

    private static func unescape(_ text: String) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                switch character {
                case "n": result.append("\n")
                case "r": result.append("\r")
                case "t": result.append("\t")
                case "\\", "\"": result.append(character)
                default: result += "\\\(character)"
                }
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return result
    }
}
