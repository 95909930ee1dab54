extension ExpressionValue {
    /// The form of `toJSON` (2 spaces, one member a line) or, not pretty, without blanks.
    public func json(pretty: Bool) -> String {
        json(pretty: pretty, limit: .max) ?? ""
    }

    /// Nil when the text would be longer than `limit` bytes.
    func json(pretty: Bool, limit: Int) -> String? {
        var writer = JSONWriter(pretty: pretty, limit: limit)
        writer.write(self)
        return writer.out.count > limit ? nil : String(decoding: writer.out, as: UTF8.self)
    }
}

/// Appends values as JSON to a buffer.
struct JSONWriter {
    let pretty: Bool
    let limit: Int
    /// Numbers that read back to the same double, not GitHub's 15 digits; what is no number becomes a string.
    var exactNumbers = false
    var out: [UInt8] = []
    private var level = 0

    init(pretty: Bool, limit: Int = .max, exactNumbers: Bool = false) {
        self.pretty = pretty
        self.limit = limit
        self.exactNumbers = exactNumbers
    }

    mutating func write(_ value: ExpressionValue) {
        switch value {
        case .null: out += "null".utf8
        case .boolean(let value): out += (value ? "true" : "false").utf8
        case .number(let value): write(value)
        case .string(let value): write(value)
        case .array(let array):
            open(UInt8(ascii: "["))
            for (at, element) in array.elements.enumerated() {
                next(at)
                write(element)
                if out.count > limit { return }
            }
            close(UInt8(ascii: "]"), isEmpty: array.elements.isEmpty)
        case .object(let object):
            open(UInt8(ascii: "{"))
            for (at, pair) in object.pairs.enumerated() {
                next(at)
                write(pair.key)
                out.append(UInt8(ascii: ":"))
                if pretty { out.append(UInt8(ascii: " ")) }
                write(pair.value)
                if out.count > limit { return }
            }
            close(UInt8(ascii: "}"), isEmpty: object.pairs.isEmpty)
        }
    }

    private mutating func open(_ bracket: UInt8) {
        out.append(bracket)
        level += 1
    }

    private mutating func next(_ at: Int) {
        if at > 0 { out.append(UInt8(ascii: ",")) }
        if pretty { line() }
    }

    private mutating func close(_ bracket: UInt8, isEmpty: Bool) {
        level -= 1
        if pretty && !isEmpty { line() }
        out.append(bracket)
    }

    private mutating func line() {
        out.append(UInt8(ascii: "\n"))
        out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
    }

    private mutating func write(_ number: Double) {
        let text = NumberText.print(number)
        if !exactNumbers {
            out += text.utf8
        } else if number.isFinite {
            out += (Double(text) == number ? text : number.description).utf8
        } else {
            write(text)
        }
    }

    /// Runs without a character to escape are copied whole.
    mutating func write(_ text: String) {
        out.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            for at in bytes.indices {
                let byte = bytes[at]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                out.append(contentsOf: bytes[start..<at])
                start = at + 1
                escape(byte)
            }
            out.append(contentsOf: bytes[start...])
        }
        out.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
        case 0x08: out += "\\b".utf8
        case 0x09: out += "\\t".utf8
        case 0x0A: out += "\\n".utf8
        case 0x0C: out += "\\f".utf8
        case 0x0D: out += "\\r".utf8
        default:
            out += "\\u00".utf8
            for digit in [byte >> 4, byte & 15] { out.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
        }
    }
}
