/// Command lines that messages offer: they work as they stand, on the database that this command was told to use.
enum Hint {
    /// `plue run --database sqlite:x.db`, the option only when it was given.
    static func command(_ words: String, arguments: [String] = CommandLine.arguments) -> String {
        guard let url = database(arguments) else { return "plue \(words)" }
        return "plue \(words) --database \(shown(url))"
    }

    /// The value of `--database`, the last one as the parser has it.
    private static func database(_ arguments: [String]) -> String? {
        var found: String?
        for (index, argument) in arguments.enumerated() {
            if argument.hasPrefix("--database=") { found = String(argument.dropFirst("--database=".count)) }
            if argument == "--database", index + 1 < arguments.count { found = arguments[index + 1] }
        }
        return found
    }

    /// As a shell takes it. A connection string may hold a password: its beginning must do.
    private static func shown(_ url: String) -> String {
        if url.hasPrefix("postgres") { return "postgres://…" }
        let isPlain = url.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "/._-:+,=@%".utf8.contains(byte)
            }
        }
        return isPlain ? url : "'" + url.replacing("'", with: "'\\''") + "'"
    }
}
