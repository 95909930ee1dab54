/// `# plue: ignore[CODE, …]` in a workflow file: what the linter finds with these codes on that line is not reported; a
/// comment that stands alone speaks for the next line, `ignore-file[…]` for the file. What GitHub itself refuses cannot
/// be ignored: it is no finding of the linter.
struct IgnoreComments {
    private struct Entry {
        var line: Int
        var column: Int
        /// Of the lines that it speaks for; nil for the whole file.
        var subject: Int?
        var code: String
        var isUsed = false

        /// When it was of no use.
        var message: String {
            code.isEmpty
                ? "The comment names no code: # plue: ignore[CODE]" : "There is no '\(code)' here to ignore"
        }
    }

    private static let mark = "# plue: ignore"

    private let file: String
    private var entries: [Entry] = []

    init(_ source: SourceLines, file: String) {
        self.file = file
        guard Self.mayOccur(in: source.text) else { return }
        for (index, line) in source.lines.enumerated() {
            guard line.utf8.contains(UInt8(ascii: "#")), let start = line.firstRange(of: Self.mark) else { continue }
            var rest = line[start.upperBound...]
            let isWhole = rest.hasPrefix("-file")
            if isWhole { rest = rest.dropFirst("-file".count) }
            var codes: [Substring] = []
            if rest.first == "[", let end = rest.firstIndex(of: "]") {
                codes = rest[..<end].dropFirst().split(separator: ",")
            }
            // Told below: it names nothing.
            if codes.isEmpty { codes = [""] }
            let isAlone = line[..<start.lowerBound].allSatisfy(\.isWhitespace)
            let column = line.unicodeScalars.distance(from: line.startIndex, to: start.lowerBound) + 1
            for code in codes {
                entries.append(
                    Entry(
                        line: index + 1, column: column, subject: isWhole ? nil : index + (isAlone ? 2 : 1),
                        code: code.trimmingPrefix(while: \.isWhitespace).filter { !$0.isWhitespace }))
            }
        }
    }

    /// Hardly any file has such a comment.
    private static func mayOccur(in text: String) -> Bool {
        let bytes = text.utf8.span
        let mark = Array(mark.utf8)
        var at = 0
        while at + mark.count <= bytes.count {
            while at < bytes.count, bytes[at] != UInt8(ascii: "#") { at += 1 }
            if at + mark.count <= bytes.count, mark.indices.allSatisfy({ bytes[at + $0] == mark[$0] }) { return true }
            at += 1
        }
        return false
    }

    /// Those that are not ignored, and a warning for each code of a comment that nothing was found for.
    mutating func filter(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        if entries.isEmpty { return diagnostics }
        let kept = diagnostics.filter { diagnostic in
            var isIgnored = false
            for index in entries.indices
            where entries[index].code == diagnostic.code
                && entries[index].subject ?? diagnostic.position.line == diagnostic.position.line
            {
                entries[index].isUsed = true
                isIgnored = true
            }
            return !isIgnored
        }
        return kept
            + entries.filter { !$0.isUsed }.map { entry in
                Diagnostic(
                    .warning, lint: .unusedIgnore, message: entry.message, file: file,
                    at: SourcePosition(line: entry.line, column: entry.column))
            }
    }
}
