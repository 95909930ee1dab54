package import WorkflowSyntax

/// Diagnostics as they are stored: a list of `{severity, code, message, file, line, column}`.
package enum DiagnosticsJSON {
    static func text(_ diagnostics: [Diagnostic]) -> String {
        let records = diagnostics.map { diagnostic in
            ExpressionValue.object(
                ExpressionObject([
                    ("severity", .string(diagnostic.severity.rawValue)), ("code", .string(diagnostic.code)),
                    ("message", .string(diagnostic.message)), ("file", .string(diagnostic.file)),
                    ("line", .number(Double(diagnostic.position.line))),
                    ("column", .number(Double(diagnostic.position.column))),
                ]))
        }
        return ExpressionValue.array(ExpressionArray(records)).json(pretty: false)
    }

    /// Those of a stored text; empty for one that is none.
    package static func read(_ text: String) -> [Diagnostic] {
        guard case .array(let records)? = try? ExpressionValue(json: text) else { return [] }
        return records.elements.compactMap { record in
            guard let code = record.text(at: "code"), let message = record.text(at: "message"),
                let file = record.text(at: "file"), let line = record.value(at: "line")?.number,
                let column = record.value(at: "column")?.number
            else { return nil }
            return Diagnostic(
                record.text(at: "severity").flatMap { Diagnostic.Severity(rawValue: $0) } ?? .error, code: code,
                message: message, file: file,
                at: SourcePosition(line: Int(exactly: line) ?? 1, column: Int(exactly: column) ?? 1))
        }
    }
}
