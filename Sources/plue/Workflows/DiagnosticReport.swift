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
        // By bytes: a line end of two characters is one `Character`.
        func escape(_ text: String, _ escaped: String) -> String {
            percentEncoded(text) { escaped.utf8.contains($0) }
        }
        let file = escape(diagnostic.file, "%\r\n:,")
        let place = "line=\(diagnostic.position.line),col=\(diagnostic.position.column)"
        return "::\(level) file=\(file),\(place),title=\(diagnostic.code)::\(escape(diagnostic.message, "%\r\n"))"
    }

    private static func percentEncoded(_ text: String, _ isEncoded: (UInt8) -> Bool) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isEncoded(byte) {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A relative reference (RFC 3986).
    private static func uri(_ path: String) -> String {
        percentEncoded(path) { byte in
            let isPlain = (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || "-._~/@+,=".utf8.contains(byte)
            return !isPlain
        }
    }

    /// SARIF 2.1.0, as code scanners upload it.
    static func sarif(_ diagnostics: [Diagnostic]) -> String {
        let results = diagnostics.map { diagnostic in
            let region = object([
                ("startLine", .number(Double(diagnostic.position.line))),
                ("startColumn", .number(Double(diagnostic.position.column))),
            ])
            let place = object([
                ("artifactLocation", object([("uri", .string(uri(diagnostic.file)))])), ("region", region),
            ])
            return object([
                ("ruleId", .string(diagnostic.code)), ("level", .string(diagnostic.severity.rawValue)),
                (
                    "message",
                    object([("text", .string(diagnostic.message + (diagnostic.hint.map { ". Hint: \($0)" } ?? "")))])
                ),
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
