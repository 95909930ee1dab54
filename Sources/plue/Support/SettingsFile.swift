internal import Execution

/// `.plue.toml`: the part of TOML that settings need. Anything else is refused with its place.
enum SettingsFile {
    /// Keys with their values; a single value is a list of one. Throws ``CommandError``.
    static func read(_ path: String) throws -> [(key: String, values: [String], line: Int)] {
        guard let text = Files.text(path) else { return [] }
        var settings: [(key: String, values: [String], line: Int)] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmed
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let equals = line.firstIndex(of: "="), !line.hasPrefix("[") else {
                throw error(path, index, "expected KEY = VALUE; tables are not used here")
            }
            let key = line[..<equals].trimmed
            guard !key.isEmpty, key.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }) else {
                throw error(path, index, "\(key) is no bare key")
            }
            var rest = line[equals...].dropFirst().trimmed[...]
            guard let values = values(&rest), rest.trimmed.isEmpty || rest.trimmed.hasPrefix("#") else {
                throw error(path, index, "expected \"text\", a number, true, false, or [\"text\", …] on one line")
            }
            settings.append((key.replacing("_", with: "-"), values, index + 1))
        }
        return settings
    }

    private static func error(_ path: String, _ index: Int, _ message: String) -> CommandError {
        CommandError(ExitStatus.usage, "\(path):\(index + 1):1: \(message)")
    }

    private static func values(_ rest: inout Substring) -> [String]? {
        guard rest.first == "[" else { return value(&rest).map { [$0] } }
        rest = rest.dropFirst()
        var values: [String] = []
        while true {
            rest = rest.drop(while: \.isWhitespace)
            if rest.first == "]" {
                rest = rest.dropFirst()
                return values
            }
            guard let next = value(&rest) else { return nil }
            values.append(next)
            rest = rest.drop(while: \.isWhitespace)
            if rest.first == "," { rest = rest.dropFirst() } else if rest.first != "]" { return nil }
        }
    }

    private static func value(_ rest: inout Substring) -> String? {
        guard let quote = rest.first, quote == "\"" || quote == "'" else {
            let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" }
            rest = rest.dropFirst(word.count)
            return word == "true" || word == "false" || Int(word) != nil ? String(word) : nil
        }
        var text = ""
        var isEscaped = false
        for (offset, character) in rest.dropFirst().enumerated() {
            if isEscaped {
                guard let plain = ["n": "\n", "t": "\t", "\\": "\\", "\"": "\""][String(character)] else { return nil }
                text += plain
                isEscaped = false
            } else if character == "\\", quote == "\"" {
                isEscaped = true
            } else if character == quote {
                rest = rest.dropFirst(offset + 2)
                return text
            } else {
                text.append(character)
            }
        }
        return nil
    }
}
