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

    public static func < (a: SourcePosition, b: SourcePosition) -> Bool {
        (a.line32, a.column32) < (b.line32, b.column32)
    }
}
