/// Characters of a text that take no place where it is shown: control characters but for the line feed, U+0080 to U+009F,
/// all that Unicode has ignored by default (`Default_Ignorable_Code_Point`: no width, direction, selectors, tags, fillers),
/// marks of annotations, and two that are none. Renderers leave out some, terminals others: both join what stands around
/// them.
struct InvisibleMarks {
    struct Mark {
        var range: Range<Int>
        /// It may begin a code: ``TerminalReading`` says where that ends. Others stand in runs.
        var isCode: Bool
    }

    private(set) var marks: [Mark] = []
    private(set) var hasCodes = false
    /// Where a character begins whose last bytes are missing: it may be one of them.
    private(set) var partial: Int?

    var isEmpty: Bool { marks.isEmpty && partial == nil }

    /// Those alone that may begin a code.
    var codes: InvisibleMarks {
        var codes = self
        codes.marks.removeAll { !$0.isCode }
        codes.partial = nil
        return codes
    }

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        let raw = UnsafeRawBufferPointer(bytes)
        var at = 0
        while at < bytes.count {
            if at + 8 <= bytes.count, Self.isPlain(raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)) {
                at += 8
                continue
            }
            let end = min(at + 8, bytes.count)
            while at < end {
                guard Self.mayBegin(bytes[at]) else {
                    at += 1
                    continue
                }
                at = take(at, bytes)
            }
        }
    }

    /// Eight bytes of ASCII without a control character; that a line feed is allowed is found one by one.
    @inline(__always) private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        return ((word &- ones &* 0x20) | (word &+ ones) | word) & (ones &* 0x80) == 0
    }

    @inline(__always) private static func mayBegin(_ byte: UInt8) -> Bool {
        if byte < 0x80 { return byte < 0x20 && byte != 10 || byte == 0x7f }
        switch byte {
        case 0xc2, 0xcd, 0xd8, 0xe1, 0xe2, 0xe3, 0xef, 0xf0, 0xf3: return true
        default: return false
        }
    }

    /// Returns where to go on.
    private mutating func take(_ at: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        guard let length = Self.length(at, bytes) else {
            partial = at
            return bytes.count
        }
        guard length > 0 else { return at + 1 }
        let isCode = TerminalReading.isIntroducer(at, bytes)
        if isCode { hasCodes = true }
        if let last = marks.indices.last, !isCode, !marks[last].isCode, marks[last].range.upperBound == at {
            marks[last].range = marks[last].range.lowerBound..<at + length
        } else {
            marks.append(Mark(range: at..<at + length, isCode: isCode))
        }
        return at + length
    }

    /// Bytes of the invisible character that begins there: 0 of another, nil when more bytes would tell.
    private static func length(_ at: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let first = bytes[at]
        if first < 0x80 { return 1 }
        let length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
        var character: UInt32 =
            length == 2 ? UInt32(first & 0x1f) : length == 3 ? UInt32(first & 0xf) : UInt32(first & 7)
        for next in at + 1..<at + length {
            guard next < bytes.count else { return nil }
            guard bytes[next] & 0xc0 == 0x80 else { return 0 }
            character = character << 6 | UInt32(bytes[next] & 0x3f)
        }
        return isInvisible(character) ? length : 0
    }

    /// Of those from U+0080 on that ``mayBegin(_:)`` finds.
    private static func isInvisible(_ character: UInt32) -> Bool {
        switch character {
        case 0x80...0x9f, 0xad, 0x34f, 0x61c, 0x115f...0x1160, 0x17b4...0x17b5, 0x180b...0x180f, 0x200b...0x200f,
            0x202a...0x202e, 0x2060...0x206f, 0x3164, 0xfe00...0xfe0f, 0xfeff, 0xffa0, 0xfff0...0xfffb, 0xfffe...0xffff,
            0x1bca0...0x1bca3, 0x1d173...0x1d17a, 0xe0000...0xe0fff:
            true
        default: false
        }
    }
}
