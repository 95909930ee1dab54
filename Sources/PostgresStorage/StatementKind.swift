/// What a statement does to the connection, from its first words.
enum StatementKind: Sendable {
    /// Reads or writes rows: worth preparing.
    case query
    case begin
    case commit
    case rollback
    case rollbackToSavepoint
    case savepoint
    case release
    case copy
    /// Changes or reads settings of the session, or makes something in it.
    case session
    /// Changes the schema: prepared statements may no longer fit.
    case schema
    case utility

    init(_ sql: String) {
        var words = Words(sql)
        switch words.next() {
        case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "TABLE", "MERGE": self = .query
        case "BEGIN", "START": self = .begin
        case "COMMIT", "END": self = .commit
        case "PREPARE": self = words.next() == "TRANSACTION" ? .commit : .session
        case "ROLLBACK", "ABORT":
            var next = words.next()
            if next == "WORK" || next == "TRANSACTION" { next = words.next() }
            self = next == "TO" ? .rollbackToSavepoint : .rollback
        case "SAVEPOINT": self = .savepoint
        case "RELEASE": self = .release
        case "COPY": self = .copy
        case "SET":
            let next = words.next()
            self = next == "LOCAL" || next == "CONSTRAINTS" ? .utility : .session
        case "RESET", "LISTEN", "UNLISTEN", "DECLARE", "LOAD", "DISCARD", "EXECUTE", "DEALLOCATE": self = .session
        case "CREATE":
            let next = words.next()
            self = next == "TEMP" || next == "TEMPORARY" ? .session : .schema
        case "ALTER", "DROP", "DO", "CALL": self = .schema
        default: self = .utility
        }
    }

    /// Ends or begins a transaction.
    var controlsTransaction: Bool {
        switch self {
        case .begin, .commit, .rollback: true
        default: false
        }
    }

    /// The words at a statement's start, upper-cased; blanks, comments and parentheses are passed over.
    private struct Words {
        private var rest: Substring.UTF8View

        init(_ sql: String) {
            rest = sql[...].utf8
        }

        mutating func next() -> String {
            skip()
            var word: [UInt8] = []
            while let byte = rest.first {
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"): word.append(byte - 32)
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): word.append(byte)
                default: return String(decoding: word, as: UTF8.self)
                }
                rest.removeFirst()
            }
            return String(decoding: word, as: UTF8.self)
        }

        private mutating func skip() {
            while let byte = rest.first {
                if [0x20, 0x09, 0x0a, 0x0d, 0x28].contains(byte) {
                    rest.removeFirst()
                } else if rest.starts(with: "--".utf8) {
                    rest = rest.drop { $0 != 0x0a }
                } else if rest.starts(with: "/*".utf8) {
                    skipComment()
                } else {
                    return
                }
            }
        }

        /// Comments nest.
        private mutating func skipComment() {
            var depth = 0
            while !rest.isEmpty {
                if rest.starts(with: "/*".utf8) {
                    depth += 1
                    rest = rest.dropFirst(2)
                } else if rest.starts(with: "*/".utf8) {
                    depth -= 1
                    rest = rest.dropFirst(2)
                    if depth == 0 { return }
                } else {
                    rest.removeFirst()
                }
            }
        }
    }
}
