/// A place in a workflow or action file: 1-based line and column.
public struct SourcePosition: Sendable, Hashable, Comparable {
    // Every token has one, so they are small.
    private var line32: UInt32
    private var column32: UInt32

    public var line: Int {
        get { Int(line32) }
        set { line32 = UInt32(clamping: newValue) }
    }

    public var column: Int {
        get { Int(column32) }
        set { column32 = UInt32(clamping: newValue) }
    }

    public init(line: Int, column: Int) {
        line32 = UInt32(clamping: line)
        column32 = UInt32(clamping: column)
    }

    /// The place behind a text of UTF-8 that begins here.
    func advanced(over bytes: some Sequence<UInt8>) -> SourcePosition {
        var position = self
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                position = SourcePosition(line: position.line + 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                position.column += 1
            }
        }
        return position
    }

    public static func < (a: SourcePosition, b: SourcePosition) -> Bool {
        (a.line32, a.column32) < (b.line32, b.column32)
    }
}
