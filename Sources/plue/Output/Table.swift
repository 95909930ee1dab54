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
        let widths = heading.indices.map { column in all.map { $0[column].columns }.max() ?? 0 }
        return all.map { row in
            zip(row, widths).map { cell, width in cell.padded(to: width) }.joined(separator: "  ").trimmedEnd + "\n"
        }.joined()
    }
}

extension String {
    fileprivate var trimmedEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
