internal import Glibc

/// A `shell` of a step: a name that GitHub knows, or a command line with `{0}` for the script.
struct Shell {
    let program: String
    let fileExtension: String
    private let template: [String]
    private let isPowerShell: Bool

    /// Nil is Linux's default, `bash -e {0}`. Throws ``ExecutionError`` when the program is not on `PATH`, or a command
    /// line has no place for the script.
    init(_ name: String?, searchPath: String) throws(ExecutionError) {
        let words: [String]
        isPowerShell = name == "pwsh"
        switch name {
        case nil, "":
            let hasBash = Self.find("bash", searchPath) != nil
            words = [hasBash ? "bash" : "sh", "-e", "{0}"]
            fileExtension = ".sh"
        case "bash":
            words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "{0}"]
            fileExtension = ".sh"
        case "sh":
            words = ["sh", "-e", "{0}"]
            fileExtension = ".sh"
        case "python":
            words = ["python", "{0}"]
            fileExtension = ".py"
        case "pwsh":
            words = ["pwsh", "-command", ". '{0}'"]
            fileExtension = ".ps1"
        case "cmd", "powershell":
            throw ExecutionError("shell: \(name ?? "") exists on Windows only; pwsh runs here where it is installed")
        case .some(let line):
            words = Self.split(line)
            fileExtension = ""
            guard words.contains(where: { Self.place(in: $0) != nil }) else {
                throw ExecutionError(
                    "Invalid shell option '\(line)': a shell of your own needs {0} where the script goes")
            }
        }
        guard let first = words.first, let found = Self.find(first, searchPath) else {
            throw ExecutionError("shell \(words.first ?? ""): there is no such program on PATH")
        }
        program = found
        template = Array(words.dropFirst())
    }

    func arguments(for file: String) -> [String] {
        template.map { word in
            guard let place = Self.place(in: word) else { return word }
            return word[..<place] + file + word[word.index(place, offsetBy: 3)...]
        }
    }

    /// The script as it is written to its file.
    func prepare(_ script: String) -> String {
        guard isPowerShell else { return script }
        return
            "$ErrorActionPreference = 'stop'\n\(script)\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }"
    }

    private static func place(in word: String) -> String.Index? {
        word.indices.first { word[$0...].hasPrefix("{0}") }
    }

    /// The program's path: as it is with a slash, else from `PATH`.
    static func find(_ name: String, _ searchPath: String) -> String? {
        if name.contains("/") { return access(name, X_OK) == 0 ? name : nil }
        for directory in searchPath.split(separator: ":") {
            let path = "\(directory)/\(name)"
            if access(path, X_OK) == 0, !Files.isDirectory(path) { return path }
        }
        return nil
    }

    /// Words of a command line; quotes keep blanks together.
    private static func split(_ line: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isOpen = false
        var quote: Character?
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                isOpen = true
            } else if character == " " || character == "\t" {
                if isOpen || !word.isEmpty { words.append(word) }
                word = ""
                isOpen = false
            } else {
                word.append(character)
            }
        }
        if isOpen || !word.isEmpty { words.append(word) }
        return words
    }
}
