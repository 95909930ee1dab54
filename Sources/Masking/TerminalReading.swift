/// How much of a terminal's codes (ECMA-48) stands for nothing. A terminal hides whole codes, plue's renderers hide less;
/// and what looks like the end of a code may be the rest of a secret behind a code without end. So a text is read in all
/// these ways, each of which hides the ``InvisibleMarks`` too.
enum TerminalReading: Equatable {
    /// Control characters alone, as in JUnit's XML.
    case characters
    /// What begins a code, `ESC [`, `ESC ]`, `ESC (`, and at most so many parameters: those behind may be a secret's digits.
    case beginning(Int)
    /// `ESC [ 31 m`, of other codes their control characters alone: as `terminalSafe` shows a text.
    case sequences
    /// Whatever a terminal takes for a code; a text that none ends on its line (`ESC ] text`) is shown.
    case codes

    static let escape: UInt8 = 0x1b
    /// More parameters than this are hidden together.
    static let parameterLimit = 16
    /// A longer code is taken for text.
    static let longest = 4_096

    /// Whether the control character there begins codes of more characters: ESC, or one of U+0080 to U+009F that stands for
    /// ESC and another.
    static func isIntroducer(_ at: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if bytes[at] == escape { return true }
        guard bytes[at] == 0xc2, at + 1 < bytes.count, bytes[at + 1] < 0xa0 else { return false }
        return bytes[at + 1] == 0x9b || beginsText(bytes[at + 1] - 0x40)
    }

    private static func beginsText(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// Where ends what is hidden of the code at an introducer, and whether more bytes could not change that.
    func end(of start: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> (end: Int, isComplete: Bool) {
        let isEscape = bytes[start] == Self.escape
        let alone = isEscape ? start + 1 : start + 2
        if self == .characters || self == .sequences && !isEscape { return (alone, true) }
        guard start + 1 < bytes.count else { return (alone, false) }
        let second = isEscape ? bytes[start + 1] : bytes[start + 1] - 0x40
        let isSequence = second == UInt8(ascii: "[")
        let isText = Self.beginsText(second)
        let isSelection = (0x20..<0x30).contains(second)
        guard isSequence || isText || isSelection else {
            // `ESC M`: a letter may be text.
            return self == .codes && (0x30..<0x7f).contains(second) ? (start + 2, true) : (alone, true)
        }
        let body = start + 2
        let scope = UnsafeBufferPointer(rebasing: bytes[..<min(bytes.count, start + Self.longest)])
        switch self {
        case .characters: return (alone, true)
        case .beginning(let count):
            let end = Self.skip(0x30..<0x40, from: body, UnsafeBufferPointer(rebasing: scope.prefix(body + count)))
            return (end, end < bytes.count || end == body + count)
        case .sequences:
            guard isSequence else { return (alone, true) }
            let end = Self.skip(0x20..<0x40, from: body, scope)
            if end == bytes.count { return (alone, false) }
            return (end < scope.count && (0x40..<0x7f).contains(bytes[end]) ? end + 1 : alone, true)
        case .codes:
            if isText { return Self.text(from: body, scope, isAll: scope.count == bytes.count) }
            let end =
                isSequence ? Self.skipSequence(from: body, scope) : Self.skip(0x20..<0x30, from: body, scope)
            if end == bytes.count { return (end, false) }
            let last = isSequence ? UInt8(0x40)..<0x7f : 0x30..<0x7f
            return (end < scope.count && last.contains(bytes[end]) ? end + 1 : end, true)
        }
    }

    private static func skip(_ set: Range<UInt8>, from: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var at = from
        while at < bytes.count, set.contains(bytes[at]) { at += 1 }
        return at
    }

    /// Control characters within a sequence do not end it, but for these.
    private static func skipSequence(from: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var at = from
        while at < bytes.count, bytes[at] < 0x40 || bytes[at] == 0x7f {
            if bytes[at] == 10 || bytes[at] == escape || ends(bytes[at]) { break }
            at += 1
        }
        return at
    }

    /// CAN, SUB.
    private static func ends(_ byte: UInt8) -> Bool { byte == 0x18 || byte == 0x1a }

    /// The end of a text as terminals find it: where the next code begins, also the one that ends a text.
    private static func text(
        from body: Int, _ bytes: UnsafeBufferPointer<UInt8>, isAll: Bool
    ) -> (end: Int, isComplete: Bool) {
        var at = body
        while at < bytes.count, bytes[at] != 10 {
            if bytes[at] == 7 || ends(bytes[at]) { return (at + 1, true) }
            if bytes[at] == 0xc2, at + 1 < bytes.count, bytes[at + 1] == 0x9c { return (at + 2, true) }
            if isIntroducer(at, bytes) { return (at, true) }
            at += 1
        }
        return (body, !(isAll && at == bytes.count))
    }
}
