import Storage

/// An error report of the server (https://www.postgresql.org/docs/current/errcodes-appendix.html), turned into a
/// `StorageError`. DETAIL is left out of the words: it holds values.
struct PostgresFailure {
    let state: String
    let message: String
    let severity: String
    let table: String?
    let column: String?
    let constraint: String?
    let detail: String?
    /// The function of the server's source that reported it: unlike the message it is in no language.
    let function: String?
    /// It ran as long as a statement may.
    var hasTimedOut = false

    init(_ result: PostgresResult) {
        state = result.field("C") ?? ""
        message = result.field("M") ?? ""
        severity = result.field("V") ?? ""
        table = result.field("t")
        column = result.field("c")
        constraint = result.field("n")
        detail = result.field("D")
        function = result.field("R")
    }

    /// The server ends the connection after this report.
    var isFatal: Bool { severity == "FATAL" || severity == "PANIC" }

    /// A prepared statement must be prepared anew.
    var isStalePlan: Bool {
        (state == "0A000" && function == "RevalidateCachedQuery") || state == "26000"
    }

    var error: StorageError {
        if isStalePlan {
            return StorageError(.serialization, "a table changed while a statement on it was prepared")
        }
        switch state {
        case "23505": return StorageError(.unique, subject: uniqueSubject, message)
        case "23503": return StorageError(.foreignKey, subject: constraint, message)
        case "23502": return StorageError(.notNull, subject: columnSubject ?? constraint, message)
        case "23514" where function == "ExecFindPartition" || (constraint == nil && table != nil):
            return StorageError(.noPartition, subject: table, message)
        case "23514": return StorageError(.check, subject: constraint, message)
        case "23P01": return StorageError(.unique, subject: constraint, message)
        case "P0001": return StorageError(.raised, message)
        case "42P01": return StorageError(.noSuchTable, subject: quoted, message)
        case "42601" where function == "exec_parse_message":
            return StorageError(.misuse, "more than one statement at a time")
        case "42501": return StorageError(.permission, message)
        case "25006": return StorageError(.readOnly, message)
        case "25001", "25P01", "25P02", "3B001", "2D000", "0A000": return StorageError(.misuse, message)
        case "40001", "40P01": return StorageError(.serialization, message)
        case "55P03": return StorageError(.busy, "a lock was not given in time: \(message)")
        case "57014" where hasTimedOut:
            return StorageError(.timeout, "the statement ran longer than a statement may, and was stopped")
        case "57014": return StorageError(.interrupted, "the statement was interrupted")
        case "53100":
            return StorageError(.full, "the database server has no space left: make room (\(message))")
        case "53200": return StorageError(.outOfMemory, "the database server has no memory (\(message))")
        case "53300": return StorageError(.unavailable, Self.tooMany)
        case "58030": return StorageError(.io, message)
        case "XX001", "XX002": return StorageError(.corrupt, message)
        case "54000", "54001", "54011", "54023": return StorageError(.syntax, message)
        default: return ofClass
        }
    }

    static let tooMany =
        "the database server has too many connections: lower this program's, or raise max_connections"

    private var ofClass: StorageError {
        switch state.prefix(2) {
        case "22": return StorageError(.invalidValue, subject: column, message)
        case "28": return StorageError(.permission, message)
        case "42": return StorageError(.syntax, message)
        case "08": return StorageError(.connectionLost, message)
        case "57" where state.hasPrefix("57P"): return StorageError(.connectionLost, message)
        case "25": return StorageError(.misuse, message)
        default:
            if isFatal { return StorageError(.connectionLost, message) }
            return StorageError(.other, "\(message) (PostgreSQL \(state))")
        }
    }

    /// `table.column, table.column`, as SQLite says it: the columns stand in `Key (a, b)=(1, 2) already exists.`
    private var uniqueSubject: String? {
        guard let table, let detail, let open = detail.firstIndex(of: "("),
            let end = detail[open...].firstRange(of: ")=(")
        else { return constraint }
        let columns = detail[detail.index(after: open)..<end.lowerBound]
        // An index on expressions is named, as in SQLite.
        guard !columns.contains("(") else { return constraint }
        return columns.split(separator: ",").map { table + "." + $0.filter { $0 != " " && $0 != "\"" } }
            .joined(separator: ", ")
    }

    private var columnSubject: String? {
        guard let table, let column else { return column }
        return table + "." + column
    }

    /// What stands in quotes in the message, in any language.
    private var quoted: String? {
        let marks: Set<Character> = ["\"", "»", "«", "“", "”", "„", "'", "「", "」"]
        let parts = message.split(omittingEmptySubsequences: false, whereSeparator: { marks.contains($0) })
        return parts.count > 1 ? String(parts[1]) : nil
    }
}
