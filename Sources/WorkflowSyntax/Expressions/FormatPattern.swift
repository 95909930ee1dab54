/// The first argument of `format`, split: `{{` and `}}` are braces, `{N}` and `{N:specifiers}` arguments.
struct FormatPattern: Sendable {
    enum Piece: Sendable {
        case text(String)
        case argument(Int, specifiers: String)
    }

    /// Arguments are numbered below it.
    private static let most = 256

    let source: String
    let pieces: [Piece]
    /// Whether an argument stands at two places: it is evaluated once.
    let repeatsArguments: Bool

    /// Nil for a pattern that is none.
    init?(valid source: String) {
        do throws(ExpressionError) {
            try self.init(source)
        } catch {
            return nil
        }
    }

    init(_ source: String) throws(ExpressionError) {
        self.source = source
        pieces = try Self.pieces(of: source)
        var seen = [Bool](repeating: false, count: Self.most)
        var repeats = false
        for case .argument(let at, _) in pieces {
            if seen[at] { repeats = true }
            seen[at] = true
        }
        repeatsArguments = repeats
    }

    private static func pieces(of pattern: String) throws(ExpressionError) -> [Piece] {
        let bytes = Array(pattern.utf8)
        var pieces: [Piece] = []
        var text: [UInt8] = []
        var at = 0
        func invalid() -> ExpressionError {
            ExpressionError(.evaluation, "The following format string is invalid: \(pattern)")
        }
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") else {
                let start = at - 1
                while at < bytes.count, bytes[at] != UInt8(ascii: "{"), bytes[at] != UInt8(ascii: "}") { at += 1 }
                text += bytes[start..<at]
                continue
            }
            if at < bytes.count, bytes[at] == byte {
                text.append(byte)
                at += 1
                continue
            }
            guard byte == UInt8(ascii: "{") else { throw invalid() }
            var index = 0
            let digits = at
            while at < bytes.count, bytes[at] &- 0x30 < 10, at - digits < 4 {
                index = index * 10 + Int(bytes[at] &- 0x30)
                at += 1
            }
            guard at > digits, index < most, at < bytes.count else { throw invalid() }
            var specifiers: [UInt8] = []
            if bytes[at] == UInt8(ascii: ":") {
                at += 1
                while at < bytes.count {
                    if bytes[at] == UInt8(ascii: "}") {
                        guard at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "}") else { break }
                        at += 1
                    }
                    specifiers.append(bytes[at])
                    at += 1
                }
            }
            guard at < bytes.count, bytes[at] == UInt8(ascii: "}") else { throw invalid() }
            at += 1
            if !text.isEmpty {
                pieces.append(.text(String(decoding: text, as: UTF8.self)))
                text = []
            }
            pieces.append(.argument(index, specifiers: String(decoding: specifiers, as: UTF8.self)))
        }
        if !text.isEmpty { pieces.append(.text(String(decoding: text, as: UTF8.self))) }
        return pieces
    }
}
