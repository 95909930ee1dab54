internal import WorkflowSyntax

/// Diagnostics for other programs.
enum DiagnosticReport {
    static func json(_ diagnostics: [Diagnostic]) -> String {
        let records = diagnostics.map { diagnostic in
            object([
                ("file", .string(diagnostic.file)), ("line", .number(Double(diagnostic.position.line))),
                ("column", .number(Double(diagnostic.position.column))),
                ("severity", .string(diagnostic.severity.rawValue)), ("code", .string(diagnostic.code)),
                ("message", .string(diagnostic.message)), ("hint", diagnostic.hint.map { .string($0) } ?? .null),
            ])
        }
        return list(records).json(pretty: true)
    }

    /// A workflow command, which makes an annotation of the job that prints it.
    static func command(_ diagnostic: Diagnostic) -> String {
        let level = diagnostic.severity == .note ? "notice" : diagnostic.severity.rawValue
        func escape(_ text: String, _ more: [(String, String)] = []) -> String {
            ([("%", "%25"), ("\r", "%0D"), ("\n", "%0A")] + more).reduce(text) {
                $0.replacing($1.0, with: $1.1)
            }
        }
        let file = escape(diagnostic.file, [(":", "%3A"), (",", "%2C")])
        let place = "line=\(diagnostic.position.line),col=\(diagnostic.position.column)"
        return "::\(level) file=\(file),\(place),title=\(diagnostic.code)::\(escape(diagnostic.message))"
    }

    /// SARIF 2.1.0, as code scanners upload it.
    static func sarif(_ diagnostics: [Diagnostic]) -> String {
        let results = diagnostics.map { diagnostic in
            let region = object([
                ("startLine", .number(Double(diagnostic.position.line))),
                ("startColumn", .number(Double(diagnostic.position.column))),
            ])
            let place = object([
                ("artifactLocation", object([("uri", .string(diagnostic.file))])), ("region", region),
            ])
            return object([
                ("ruleId", .string(diagnostic.code)), ("level", .string(diagnostic.severity.rawValue)),
                ("message", object([("text", .string(diagnostic.message))])),
                ("locations", list([object([("physicalLocation", place)])])),
            ])
        }
        let rules = Set(diagnostics.map(\.code)).sorted().map(rule)
        let driver = object([
            ("name", .string("plue")), ("version", .string(Version.number)), ("rules", list(rules)),
        ])
        let run = object([("tool", object([("driver", driver)])), ("results", list(results))])
        return object([
            ("$schema", .string("https://json.schemastore.org/sarif-2.1.0.json")), ("version", .string("2.1.0")),
            ("runs", list([run])),
        ]).json(pretty: true)
    }

    private static func rule(_ code: String) -> ExpressionValue {
        let summary = LintCode(rawValue: code).map { object([("text", .string($0.summary))]) }
        return object([("id", .string(code))] + (summary.map { [("shortDescription", $0)] } ?? []))
    }

    private static func object(_ pairs: [(String, ExpressionValue)]) -> ExpressionValue {
        .object(ExpressionObject(pairs, caseSensitive: true))
    }

    private static func list(_ values: [ExpressionValue]) -> ExpressionValue {
        .array(ExpressionArray(values))
    }
}
