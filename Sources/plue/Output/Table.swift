internal import Glibc

/// Rows in aligned columns under a heading. No cell can break its line, change the terminal or turn the text around.
struct Table {
    /// Columns of a cell on a terminal.
    static let cellLimit = 60

    private let heading: [String]
    private let limit: Int?

    /// A column without a heading holds marks of ours, which keep their colours. `limit` is for standard output.
    init(_ heading: [String], limit: Int? = isatty(STDOUT_FILENO) == 1 ? cellLimit : nil) {
        self.heading = heading
        self.limit = limit
    }

    /// A line a row; nothing without rows.
    func text(_ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        let all = [heading] + rows.map { row in zip(row, heading).map(shown) }
        let widths = heading.indices.map { column in all.map { $0[column].columns }.max() ?? 0 }
        return all.map { row in
            zip(row, widths).map { cell, width in cell.padded(to: width) }.joined(separator: "  ").trimmedEnd + "\n"
        }.joined()
    }

    private func shown(_ cell: String, in heading: String) -> String {
        if heading.isEmpty { return cell }
        let cell = cell.oneLine
        guard let limit, cell.columns > limit else { return cell }
        return cell.fitting(limit - 1) + "…"
    }
}

extension String {
    fileprivate var trimmedEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
