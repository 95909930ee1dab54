/// Rows in aligned columns under a heading.
struct Table {
    private let heading: [String]

    init(_ heading: [String]) {
        self.heading = heading
    }

    /// A line a row; nothing without rows.
    func text(_ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        let all = [heading] + rows
        let widths = heading.indices.map { column in all.map { Self.width($0[column]) }.max() ?? 0 }
        return all.map { row in
            zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - Self.width(cell)) }
                .joined(separator: "  ").trimmedEnd + "\n"
        }.joined()
    }

    /// Characters that are seen: colours take no room.
    private static func width(_ text: String) -> Int {
        var count = 0
        var isEscape = false
        for character in text {
            if character == "\u{1b}" { isEscape = true }
            if !isEscape { count += 1 }
            if isEscape, character == "m" { isEscape = false }
        }
        return count
    }
}

extension String {
    fileprivate var trimmedEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
