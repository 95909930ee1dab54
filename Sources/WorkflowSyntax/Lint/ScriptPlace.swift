/// What stands around a script or a step, as far as the file says it.
struct ScriptPlace {
    /// The mappings of `env`, the nearest first.
    var environment: [TemplateToken] = []
    /// The language of the script: the name of a shell, or `node`.
    var shell = "bash"
    /// The first event that brings strangers here with the repository's rights.
    var privilegedEvent: String?

    /// The variable of the path `env.NAME`, as the file defines it; nil when it does not say.
    func variable(_ path: String) -> TemplateToken.Pair? {
        guard path.hasPrefix("env.") else { return nil }
        let name = String(path.dropFirst("env.".count))
        for layer in environment {
            guard case .mapping(let pairs) = layer.kind else { return nil }
            for pair in pairs.reversed() {
                guard let key = pair.key.literalText else { return nil }
                if OrdinalText.same(key, name) { return pair }
            }
        }
        return nil
    }

    /// How the script reads a variable of its environment.
    func reading(_ name: String) -> String {
        switch shell {
        case "pwsh", "powershell": "$env:\(name)"
        case "cmd": "%\(name)%"
        case "python": "os.environ[\"\(name)\"]"
        case "node": "process.env.\(name)"
        default: "\"$\(name)\""
        }
    }

    /// The form in which the value of an expression is no part of the script.
    func safeForm(_ name: String, _ source: String) -> String {
        let value = "${{ \(source.split(whereSeparator: \.isNewline).joined(separator: " ")) }}"
        let quoted =
            value.utf8.contains { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
            ? "'\(value.replacing("'", with: "''"))'" : "\"\(value)\""
        return "env: { \(name): \(quoted) } and \(reading(name)) in the script"
    }
}
