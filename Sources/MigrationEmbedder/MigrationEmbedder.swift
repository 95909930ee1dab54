import Glibc

/// `MigrationEmbedder OUTPUT FILE...`: writes a Swift file with an array per folder of the files, each file's text as a
/// multi-line literal (a million bytes compile in about a second; an array of bytes takes minutes).
@main
struct MigrationEmbedder {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count >= 2 else { fail("usage: MigrationEmbedder OUTPUT FILE...") }
        var source = "// Written by MigrationEmbedder; do not edit.\n\nenum EmbeddedMigrations {\n"
        for folder in ["sqlite", "postgres"] {
            source += "    static let \(folder): [(name: StaticString, script: StaticString)] = [\n"
            for path in arguments.dropFirst(2) {
                let parts = path.split(separator: "/")
                guard parts.count >= 2, parts[parts.count - 2] == folder, let name = parts.last else { continue }
                source += entry(name: String(name.dropLast(".sql".count)), path: path)
            }
            source += "    ]\n"
        }
        source += "}\n"
        write(source, to: arguments[1])
    }

    /// One element; the text keeps its bytes: `########` lets it hold any quote or backslash.
    private static func entry(name: String, path: String) -> String {
        let guards = String(repeating: "#", count: 8)
        guard isName(name) else { fail("\(path): expected a name such as 0001_runs.sql") }
        let text = read(path)
        guard !text.contains("\"\"\"\(guards)"), !text.contains("\\\(guards)"), !text.contains("\r"),
            !text.contains("\0")
        else {
            fail("\(path): a carriage return, a NUL or the literal's own guard cannot be embedded")
        }
        return "        (\"\(name)\", \(guards)\"\"\"\n\(text)\n\"\"\"\(guards)),\n"
    }

    /// Four digits, an underscore, then lower-case letters, digits and underscores.
    private static func isName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard bytes.count > 5, bytes[4] == UInt8(ascii: "_") else { return false }
        let digits = bytes.prefix(4).allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return digits
            && bytes.dropFirst(5).allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "rb") else { fail("\(path): \(String(cString: strerror(errno)))") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer.prefix(count)
        }
        guard ferror(file) == 0 else { fail("\(path): cannot be read") }
        guard let text = String(validating: bytes, as: UTF8.self) else { fail("\(path): not UTF-8") }
        return text
    }

    private static func write(_ text: String, to path: String) {
        guard let file = fopen(path, "wb") else { fail("\(path): \(String(cString: strerror(errno)))") }
        let bytes = Array(text.utf8)
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { fail("\(path): cannot be written") }
    }

    private static func fail(_ message: String) -> Never {
        let line = Array("error: \(message)\n".utf8)
        _ = Glibc.write(STDERR_FILENO, line, line.count)
        exit(1)
    }
}
