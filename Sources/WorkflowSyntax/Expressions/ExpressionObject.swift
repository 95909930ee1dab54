/// An immutable dictionary that keeps its order, with an identity. Keys are found without regard to case
/// unless `caseSensitive` (the `env` context on Linux).
public final class ExpressionObject: Sendable {
    public struct Pair: Sendable {
        public let key: String
        public let value: ExpressionValue
    }

    public let pairs: [Pair]
    public let caseSensitive: Bool
    /// Open addressing over `pairs`, a power of two long; -1 is free. Empty for a few pairs, which are scanned.
    private let table: [Int32]

    /// A later pair with an equal key replaces the value of the earlier one and keeps its place.
    public convenience init(_ source: [(String, ExpressionValue)], caseSensitive: Bool = false) {
        self.init(pairs: source.map { Pair(key: $0, value: $1) }, caseSensitive: caseSensitive)
    }

    /// As ``init(_:caseSensitive:)``.
    init(pairs source: [Pair], caseSensitive: Bool = false) {
        self.caseSensitive = caseSensitive
        guard source.count > Self.scanned else {
            pairs = Self.hasEqualKeys(source, caseSensitive) ? Self.merged(source, caseSensitive) : source
            table = []
            return
        }
        var pairs: [Pair] = []
        pairs.reserveCapacity(source.count)
        var size = 16
        while size < source.count * 2 { size *= 2 }
        var table = [Int32](repeating: -1, count: size)
        for pair in source {
            var slot = Self.hash(pair.key, caseSensitive) & (size - 1)
            while table[slot] >= 0, !Self.same(pairs[Int(table[slot])].key, pair.key, caseSensitive) {
                slot = (slot + 1) & (size - 1)
            }
            if table[slot] >= 0 {
                let at = Int(table[slot])
                pairs[at] = Pair(key: pairs[at].key, value: pair.value)
            } else {
                table[slot] = Int32(truncatingIfNeeded: pairs.count)
                pairs.append(pair)
            }
        }
        self.pairs = pairs
        self.table = table
    }

    private static func hasEqualKeys(_ pairs: [Pair], _ caseSensitive: Bool) -> Bool {
        let pairs = pairs.span
        for at in pairs.indices {
            for before in 0..<at where same(pairs[before].key, pairs[at].key, caseSensitive) { return true }
        }
        return false
    }

    private static func merged(_ source: [Pair], _ caseSensitive: Bool) -> [Pair] {
        var pairs: [Pair] = []
        for pair in source {
            if let at = pairs.firstIndex(where: { same($0.key, pair.key, caseSensitive) }) {
                pairs[at] = Pair(key: pairs[at].key, value: pair.value)
            } else {
                pairs.append(pair)
            }
        }
        return pairs
    }

    /// The value of a key; nil when there is none, which is not null.
    public subscript(key: String) -> ExpressionValue? {
        if table.isEmpty {
            for pair in pairs where Self.same(pair.key, key, caseSensitive) { return pair.value }
            return nil
        }
        var slot = Self.hash(key, caseSensitive) & (table.count - 1)
        while table[slot] >= 0 {
            let pair = pairs[Int(table[slot])]
            if Self.same(pair.key, key, caseSensitive) { return pair.value }
            slot = (slot + 1) & (table.count - 1)
        }
        return nil
    }

    private static let scanned = 8

    private static func same(_ a: String, _ b: String, _ caseSensitive: Bool) -> Bool {
        caseSensitive ? a.utf8.elementsEqual(b.utf8) : OrdinalText.same(a, b)
    }

    /// Keyed by the process's random seed, so that chosen keys cannot crowd one slot.
    private static func hash(_ key: String, _ caseSensitive: Bool) -> Int {
        var hasher = Hasher()
        let text = caseSensitive || OrdinalText.isASCII(key) ? key : OrdinalText.folded(key)
        let bytes = text.utf8.span
        // Eight at a time: each combination costs the same.
        var word: UInt64 = 0
        for at in bytes.indices {
            word = word << 8 | UInt64(caseSensitive ? bytes[at] : OrdinalText.upper(bytes[at]))
            if at & 7 == 7 { hasher.combine(word) }
        }
        hasher.combine(word)
        hasher.combine(bytes.count)
        return hasher.finalize()
    }
}
