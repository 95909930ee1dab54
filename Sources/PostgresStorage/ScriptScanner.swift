/// Finds where each statement of a text begins and ends, as psql's scanner does.
struct ScriptScanner {
    let bytes: [UInt8]
    private var at = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next statement without its semicolon and the blanks and comments before it; nil at the end.
    mutating func nextStatement() -> Range<Int>? {
        while true {
            skipBlanks()
            if at >= bytes.count { return nil }
            if bytes[at] != UInt8(ascii: ";") { break }
            at += 1
        }
        let start = at
        var parentheses = 0
        /// BEGIN and CASE that are open in a function's body.
        var blocks = 0
        var words: [String] = []
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: ";") where parentheses == 0 && blocks == 0:
                at += 1
                return start..<(at - 1)
            case UInt8(ascii: "("):
                parentheses += 1
                at += 1
            case UInt8(ascii: ")"):
                parentheses = max(0, parentheses - 1)
                at += 1
            case UInt8(ascii: "'"): skipQuoted(byte, escapes: hasEscapePrefix(from: start))
            case UInt8(ascii: "\""): skipQuoted(byte, escapes: false)
            case UInt8(ascii: "$"): skipDollarQuoted()
            case UInt8(ascii: "-") where next == UInt8(ascii: "-"), UInt8(ascii: "/") where next == UInt8(ascii: "*"):
                skipComment()
            case _ where Self.isWordStart(byte):
                let word = takeWord()
                if words.count < 4 { words.append(word) }
                guard parentheses == 0, Self.makesRoutine(words) else { break }
                switch word {
                case "BEGIN": blocks += 1
                case "CASE" where blocks > 0: blocks += 1
                case "END" where blocks > 0: blocks -= 1
                default: break
                }
            default: at += 1
            }
        }
        return start..<at
    }

    private var next: UInt8? { at + 1 < bytes.count ? bytes[at + 1] : nil }

    /// `CREATE [OR REPLACE] {FUNCTION | PROCEDURE}`
    private static func makesRoutine(_ words: [String]) -> Bool {
        guard words.first == "CREATE" else { return false }
        let rest = words.dropFirst().filter { $0 != "OR" && $0 != "REPLACE" }
        return rest.first == "FUNCTION" || rest.first == "PROCEDURE"
    }

    private static func isWordStart(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    /// Upper-cased.
    private mutating func takeWord() -> String {
        let start = at
        while at < bytes.count {
            let byte = bytes[at]
            guard
                Self.isWordStart(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "$")
            else { break }
            at += 1
        }
        return String(decoding: bytes[start..<at], as: UTF8.self).uppercased()
    }

    /// The quote follows an `E` that is a word of its own.
    private func hasEscapePrefix(from start: Int) -> Bool {
        guard at > start, bytes[at - 1] | 0x20 == UInt8(ascii: "e") else { return false }
        guard at - 1 > start else { return true }
        let before = bytes[at - 2]
        return !Self.isWordStart(before) && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(before)
    }

    private mutating func skipQuoted(_ quote: UInt8, escapes: Bool) {
        at += 1
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if escapes, byte == UInt8(ascii: "\\") {
                at = min(at + 1, bytes.count)
            } else if byte == quote {
                // A doubled quote begins the string again, which comes to the same.
                return
            }
        }
    }

    /// `$tag$ … $tag$`; `$1` is a parameter.
    private mutating func skipDollarQuoted() {
        var end = at + 1
        while end < bytes.count, Self.isWordStart(bytes[end]) || (end > at + 1 && (0x30...0x39).contains(bytes[end])) {
            end += 1
        }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else {
            at += 1
            return
        }
        let tag = bytes[at...end]
        at = end + 1
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "$"), bytes[at...].starts(with: tag) {
                at += tag.count
                return
            }
            at += 1
        }
    }

    private mutating func skipComment() {
        if bytes[at] == UInt8(ascii: "-") {
            while at < bytes.count, bytes[at] != 0x0a { at += 1 }
            return
        }
        // Comments nest.
        var depth = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
                depth += 1
                at += 2
            } else if bytes[at] == UInt8(ascii: "*"), next == UInt8(ascii: "/") {
                depth -= 1
                at += 2
                if depth == 0 { return }
            } else {
                at += 1
            }
        }
    }

    private mutating func skipBlanks() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d: at += 1
            case UInt8(ascii: "-") where next == UInt8(ascii: "-"), UInt8(ascii: "/") where next == UInt8(ascii: "*"):
                skipComment()
            default: return
            }
        }
    }
}
