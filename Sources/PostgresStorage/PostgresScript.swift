import Storage

/// Several statements in one text, divided where psql divides them: outside strings, quoted names, comments,
/// parentheses and the bodies of functions.
struct PostgresScript {
    struct Part {
        let sql: String
        /// The line on which it begins, counted from 1.
        let line: Int
    }

    let parts: [Part]

    /// Throws `misuse` for transaction control, which would end the transaction that the script runs in, `syntax` for a
    /// NUL.
    init(_ text: String) throws(StorageError) {
        let bytes = Array(text.utf8)
        guard !bytes.contains(0) else { throw StorageError(.syntax, "a script cannot contain a NUL") }
        var scanner = ScriptScanner(bytes: bytes)
        var parts: [Part] = []
        while let range = scanner.nextStatement() {
            let part = Part(
                sql: String(decoding: bytes[range], as: UTF8.self),
                line: bytes[..<range.lowerBound].count { $0 == 0x0a } + 1)
            switch StatementKind(part.sql) {
            case .begin, .commit, .rollback, .rollbackToSavepoint, .savepoint, .release:
                throw StorageError(
                    .misuse,
                    "statement at line \(part.line): a script must not contain BEGIN, COMMIT, ROLLBACK or SAVEPOINT")
            case .copy:
                throw StorageError(.misuse, "statement at line \(part.line): a script must not contain COPY")
            default: parts.append(part)
            }
        }
        self.parts = parts
    }
}

extension PostgresConnection {
    /// Runs a script's statements in order. They may take longer than a statement otherwise may.
    func run(_ script: PostgresScript) throws(StorageError) {
        guard !script.parts.isEmpty else { return }
        let isInside = inTransaction
        let timeout = SessionSettings.milliseconds(options.statementTimeout)
        if isInside { _ = try perform([Statement(sql: "SET LOCAL statement_timeout = 0")]) }
        for part in script.parts {
            do throws(StorageError) {
                _ = try perform([Statement(sql: part.sql)])
            } catch {
                var located = error
                located.message = "statement at line \(part.line): \(error.message)"
                throw located
            }
        }
        if isInside { _ = try perform([Statement(sql: "SET LOCAL statement_timeout = \(timeout)")]) }
    }
}
