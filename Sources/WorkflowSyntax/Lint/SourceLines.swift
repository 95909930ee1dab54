/// The lines of a file, split when something is first placed in one: most files are sound.
final class SourceLines {
    let text: String
    /// Without their ends, `\n` or `\r\n`.
    private(set) lazy var lines: [Substring] = split()

    init(_ text: String) {
        self.text = text
    }

    private func split() -> [Substring] {
        var lines: [Substring] = []
        let bytes = text.utf8
        var start = bytes.startIndex
        var at = start
        var before: UInt8 = 0
        while at != bytes.endIndex {
            let byte = bytes[at]
            let next = bytes.index(after: at)
            if byte == UInt8(ascii: "\n") {
                lines.append(text[start..<(before == UInt8(ascii: "\r") ? bytes.index(before: at) : at)])
                start = next
            }
            before = byte
            at = next
        }
        lines.append(text[start...])
        return lines
    }

    /// Where a text of one line stands, from a place on, in 2,000 lines at most; of an expression, that which `${{` and
    /// `}}` stand around.
    func place(
        of text: Substring, isExpression: Bool = false, after skipped: Int = 0, from start: SourcePosition
    ) -> SourcePosition? {
        let wanted = Array(text.utf8)
        if wanted.isEmpty || start.line > lines.count { return nil }
        var skipped = skipped
        for number in start.line...min(lines.count, start.line + 2_000) {
            let bytes = Array(lines[number - 1].utf8)
            var column = 1
            for at in bytes.indices where bytes[at] & 0xC0 != 0x80 {
                defer { column += 1 }
                guard number > start.line || column >= start.column, bytes[at...].starts(with: wanted),
                    !isExpression || Self.isEmbedded(at..<(at + wanted.count), in: bytes)
                else { continue }
                if skipped == 0 { return SourcePosition(line: number, column: column) }
                skipped -= 1
            }
        }
        return nil
    }

    /// Whether the range is the text, or on one line the end of the text, of an expression.
    private static func isEmbedded(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
        let head = bytes[..<range.lowerBound].reversed().drop(while: NumberText.isSpace)
        let tail = bytes[range.upperBound...].drop(while: NumberText.isSpace)
        return (head.isEmpty || head.starts(with: "{{$".utf8)) && (tail.isEmpty || tail.starts(with: "}}".utf8))
    }
}
