internal import Execution
internal import WorkflowSyntax

/// The line that a diagnostic is about, with a mark below its column.
final class SourceExcerpt {
    private var lines: [String: [Substring]] = [:]

    func text(_ path: String, _ position: SourcePosition) -> String {
        if lines[path] == nil {
            lines[path] = (Files.text(path) ?? "").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        }
        guard let all = lines[path], all.indices.contains(position.line - 1) else { return "" }
        let line = all[position.line - 1].prefix(200)
        let number = "\(position.line)"
        let margin = String(repeating: " ", count: number.count)
        let indent = String(line.prefix(max(0, position.column - 1)).map { $0 == "\t" ? "\t" : " " })
        return " \(number) | \(line)\n \(margin) | \(indent)^\n"
    }
}
