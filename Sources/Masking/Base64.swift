/// What the base64 of any text shows of a secret within it.
enum Base64 {
    static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    static let urlSafe = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    static let characters = standard + [UInt8(ascii: "-"), UInt8(ascii: "_")]
    /// Where `base64` and `openssl base64` break lines, characters.
    private static let columns = [76, 64]

    static func isCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// At each of three alignments the characters that the secret alone decides, and whether the ones beside them carry
    /// some of its bits. The group of four that a secret shares with what stands before it is seen, as on GitHub (two bytes
    /// of the secret at most), unless too little would be left to be found; what it shares with what follows is hidden.
    /// Alone in its text it may be broken into lines.
    static func patterns(of bytes: [UInt8]) -> [MaskPattern] {
        var patterns: [MaskPattern] = []
        for alphabet in [standard, urlSafe] {
            for before in 0..<3 {
                let end = (before + bytes.count) * 8 / 6
                let group = before == 0 ? 0 : 4
                let isShort = end - group < PatternAutomaton.shortest
                let first = isShort ? (before * 8 + 5) / 6 : group
                guard end > first else { continue }
                var characters: [UInt8] = []
                characters.reserveCapacity(end - first)
                for index in first..<end {
                    characters.append(alphabet[sextet(index * 6 - before * 8, of: bytes)])
                }
                let whole = MaskPattern(
                    bytes: characters, hidesBefore: isShort && before > 0, hidesAfter: (before + bytes.count) % 3 != 0)
                patterns.append(whole)
                guard before == 0 else { continue }
                for width in columns where characters.count > width { patterns += broken(whole, width) }
            }
        }
        return patterns
    }

    private static func broken(_ whole: MaskPattern, _ width: Int) -> [MaskPattern] {
        stride(from: 0, to: whole.bytes.count, by: width).map { from in
            let end = min(from + width, whole.bytes.count)
            return MaskPattern(
                bytes: Array(whole.bytes[from..<end]), hidesAfter: end == whole.bytes.count && whole.hidesAfter)
        }
    }

    /// Six bits from a bit of the text.
    private static func sextet(_ bit: Int, of bytes: [UInt8]) -> Int {
        let at = bit / 8
        let pair = Int(bytes[at]) << 8 | (at + 1 < bytes.count ? Int(bytes[at + 1]) : 0)
        return pair >> (10 - bit % 8) & 63
    }
}
