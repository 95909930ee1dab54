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
}
