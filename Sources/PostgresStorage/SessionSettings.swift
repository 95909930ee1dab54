import Storage

/// The settings that plue works with, as one SELECT.
struct SessionSettings: Sendable {
    private let settings: [(name: String, value: String)]

    init(_ options: PostgresOptions) {
        var settings = [
            ("statement_timeout", Self.milliseconds(options.statementTimeout)),
            ("lock_timeout", Self.milliseconds(options.lockTimeout)),
            ("idle_in_transaction_session_timeout", Self.milliseconds(options.idleInTransactionTimeout)),
            ("synchronous_commit", options.synchronousCommit.rawValue),
            ("TimeZone", "UTC"),
        ]
        if let schema = options.schema {
            let quoted = schema.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            settings.append(("search_path", "\"" + quoted + "\""))
        }
        self.settings = settings
    }

    /// For the session, with what is checked of a new one.
    var forSession: String { "SELECT current_setting('fsync') AS fsync, " + calls(local: false) }

    /// For the transaction alone: behind a pooler.
    var forTransaction: String { "SELECT " + calls(local: true) }

    private func calls(local: Bool) -> String {
        settings.map { "set_config('\($0.name)', \(Self.literal($0.value)), \(local))" }.joined(separator: ", ")
    }

    /// `E''`, so that it does not depend on `standard_conforming_strings`.
    private static func literal(_ text: String) -> String {
        var literal = "E'"
        for character in text.unicodeScalars {
            if character == "'" || character == "\\" { literal.unicodeScalars.append("\\") }
            literal.unicodeScalars.append(character)
        }
        return literal + "'"
    }

    /// 0 means without bound there.
    static func milliseconds(_ duration: Duration?) -> String {
        guard let duration else { return "0" }
        return String(min(max(Int64(duration / .milliseconds(1)), 1), Int64(Int32.max)))
    }
}
