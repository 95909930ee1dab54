/// Characters of a text that take no place where it is shown: control characters but for the line feed, U+0080 to U+009F,
/// those of no width or direction, and two that are none. Renderers leave out some, terminals others: both join what stands
/// around them.
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
        byte < 0x20 && byte != 10 || byte == 0x7f || byte == 0xc2 || byte == 0xe2 || byte == 0xef
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
        guard at + 1 < bytes.count else { return nil }
        let second = bytes[at + 1]
        if first == 0xc2 { return second >= 0x80 && second <= 0x9f || second == 0xad ? 2 : 0 }
        let thirds: ClosedRange<UInt8>
        // U+200B to U+200F and U+202A to U+202E, U+2060 to U+206F, U+FEFF, U+FFFE and U+FFFF.
        switch (first, second) {
        case (0xe2, 0x80): thirds = 0x8b...0xae
        case (0xe2, 0x81): thirds = 0xa0...0xaf
        case (0xef, 0xbb): thirds = 0xbf...0xbf
        case (0xef, 0xbf): thirds = 0xbe...0xbf
        default: return 0
        }
        guard at + 2 < bytes.count else { return nil }
        let third = bytes[at + 2]
        let isShown = second == 0x80 && (0x90..<0xaa).contains(third)
        return thirds.contains(third) && !isShown ? 3 : 0
    }
}
