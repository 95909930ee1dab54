internal import Execution
internal import WorkflowSyntax

/// The line that a diagnostic is about, with a mark below its column.
final class SourceExcerpt {
    private var lines: [String: [Substring]] = [:]

    func text(_ path: String, _ position: SourcePosition) -> String {
        if lines[path] == nil {
            // As much as a workflow may have; of what is not read, or not to be, nothing is shown.
            let bytes = try? RegularFile.bytes(path, limit: 1 << 20, of: RepositoryRoot.holding(path))
            lines[path] =
                bytes.map { bytes in
                    String(decoding: bytes, as: UTF8.self)
                        .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
                } ?? []
        }
        guard let all = lines[path], all.indices.contains(position.line - 1) else { return "" }
        // Scalar for scalar, so that the mark stays below its column.
        let line = String(all[position.line - 1].prefix(200)).replacing("\t", with: " ").oneLine
        let number = "\(position.line)"
        let margin = String(repeating: " ", count: number.count)
        let indent = String(repeating: " ", count: min(max(0, position.column - 1), line.count))
        return " \(number) | \(line)\n \(margin) | \(indent)^\n"
    }
}
