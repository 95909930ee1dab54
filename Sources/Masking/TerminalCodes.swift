internal import Glibc

/// Control sequences of a terminal (ECMA-48): `ESC [ parameters letter`, `ESC ] text BEL`, and shorter ones.
public enum TerminalCodes {
    static let escape: UInt8 = 0x1b
    /// A longer one is taken for text.
    static let longest = 4_096

    /// A text without them.
    struct Stripped {
        var text: [UInt8] = []
        /// From a byte of ``text`` on, so many bytes were taken out before.
        var cuts: [(at: Int, removed: Int)] = [(0, 0)]
        /// Where in the original a code begins that more bytes could complete.
        var open: Int?

        /// Places in order, as they stood in the original.
        func original(_ ranges: [Range<Int>]) -> [Range<Int>] {
            var cut = 0
            func place(_ index: Int) -> Int {
                while cut + 1 < cuts.count, cuts[cut + 1].at <= index { cut += 1 }
                return index + cuts[cut].removed
            }
            return ranges.map { range in
                let lower = place(range.lowerBound)
                return lower..<place(range.upperBound - 1) + 1
            }
        }

        func original(_ index: Int) -> Int { index + (cuts.last { $0.at <= index }?.removed ?? 0) }
    }

    static func strip(_ bytes: UnsafeBufferPointer<UInt8>) -> Stripped {
        var stripped = Stripped()
        stripped.text.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            let next = nextEscape(bytes, from: at)
            stripped.text.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[at..<next]))
            guard next < bytes.count else { break }
            let (end, isComplete) = code(bytes, from: next)
            if !isComplete, stripped.open == nil { stripped.open = next }
            stripped.cuts.append((stripped.text.count, end - stripped.text.count))
            at = end
        }
        return stripped
    }

    private static func nextEscape(_ bytes: UnsafeBufferPointer<UInt8>, from at: Int) -> Int {
        guard let base = bytes.baseAddress, let hit = memchr(base + at, Int32(escape), bytes.count - at) else {
            return bytes.count
        }
        return UnsafeRawPointer(hit) - UnsafeRawPointer(base)
    }

    public static func strip(_ text: String) -> String {
        guard text.utf8.contains(escape) else { return text }
        var text = text
        return text.withUTF8 { String(decoding: strip($0).text, as: UTF8.self) }
    }

    /// The end of the code that begins at an escape. What is no code, or has no end, is text behind its first characters.
    private static func code(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> (end: Int, isComplete: Bool) {
        guard start + 1 < bytes.count else { return (start + 1, false) }
        let limit = min(bytes.count, start + longest)
        var at = start + 2
        switch bytes[start + 1] {
        case UInt8(ascii: "["):
            while at < limit, (0x20..<0x40).contains(bytes[at]) { at += 1 }
            if at == bytes.count { return (at, false) }
            return (at < limit && (0x40..<0x7f).contains(bytes[at]) ? at + 1 : at, true)
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            while at < limit, bytes[at] != 10 {
                if bytes[at] == 7 { return (at + 1, true) }
                if bytes[at] == escape, at + 1 < limit, bytes[at + 1] == UInt8(ascii: "\\") { return (at + 2, true) }
                at += 1
            }
            return (start + 2, at < bytes.count)
        case 0x20..<0x30:
            while at < limit, (0x20..<0x30).contains(bytes[at]) { at += 1 }
            if at == bytes.count { return (at, false) }
            return (at < limit && (0x30..<0x7f).contains(bytes[at]) ? at + 1 : at, true)
        // One character that selects something; a letter may be text.
        case UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "7"), UInt8(ascii: "8"): return (at, true)
        default: return (start + 1, true)
        }
    }
}
