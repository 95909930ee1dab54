/// Integers, most significant byte first.
enum BigEndian {
    static func bytes<I: FixedWidthInteger>(_ integer: I) -> [UInt8] {
        (0..<I.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: integer >> ($0 * 8)) }
    }

    static func integer<I: FixedWidthInteger>(_ bytes: some Sequence<UInt8>) -> I {
        bytes.reduce(0) { $0 << 8 | I(truncatingIfNeeded: $1) }
    }
}
