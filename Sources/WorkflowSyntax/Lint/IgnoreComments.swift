/// `# plue: ignore[CODE, …]` in a workflow file: what the linter finds with these codes on that line is not reported; a
/// comment that stands alone speaks for the next line, `ignore-file[…]` for the file. A line speaks for the whole of a
/// text that begins on it. What looks like a comment inside a text is none. What GitHub itself refuses cannot be
/// ignored: it is no finding of the linter.
struct IgnoreComments {
    private struct Entry {
        var line: Int
        var column: Int
        /// The lines that it speaks for; nil for the whole file.
        var subject: ClosedRange<Int>?
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
        let texts = YAMLScalarRange.all(in: source.text)
        // For each line, that on which the last text ends that begins there.
        let ends = Dictionary(texts.map { ($0.start.line, $0.lastLine) }, uniquingKeysWith: max)
        for (index, line) in source.lines.enumerated() where line.utf8.contains(UInt8(ascii: "#")) {
            for mark in line.ranges(of: Self.mark) {
                let column = line.unicodeScalars.distance(from: line.startIndex, to: mark.lowerBound) + 1
                let place = SourcePosition(line: index + 1, column: column)
                if texts.contains(where: { $0.contains(place) }) { continue }
                let isAlone = line[..<mark.lowerBound].allSatisfy(\.isWhitespace)
                let first = place.line + (isAlone ? 1 : 0)
                add(line[mark.upperBound...], at: place, for: first...max(first, ends[first] ?? first))
                break
            }
        }
    }

    /// What stands behind the mark.
    private mutating func add(_ rest: Substring, at place: SourcePosition, for lines: ClosedRange<Int>) {
        var rest = rest
        let isWhole = rest.hasPrefix("-file")
        if isWhole { rest = rest.dropFirst("-file".count) }
        var codes: [Substring] = []
        if rest.first == "[", let end = rest.firstIndex(of: "]") {
            codes = rest[..<end].dropFirst().split(separator: ",")
        }
        // Told below: it names nothing.
        if codes.isEmpty { codes = [""] }
        for code in codes {
            entries.append(
                Entry(
                    line: place.line, column: place.column, subject: isWhole ? nil : lines,
                    code: code.filter { !$0.isWhitespace }))
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
                && entries[index].subject?.contains(diagnostic.position.line) ?? true
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
