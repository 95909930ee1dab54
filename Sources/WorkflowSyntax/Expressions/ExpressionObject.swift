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
    public init(_ source: [(String, ExpressionValue)], caseSensitive: Bool = false) {
        var pairs: [Pair] = []
        pairs.reserveCapacity(source.count)
        self.caseSensitive = caseSensitive
        guard source.count > Self.scanned else {
            for (key, value) in source {
                if let at = pairs.firstIndex(where: { Self.same($0.key, key, caseSensitive) }) {
                    pairs[at] = Pair(key: pairs[at].key, value: value)
                } else {
                    pairs.append(Pair(key: key, value: value))
                }
            }
            self.pairs = pairs
            self.table = []
            return
        }
        var size = 16
        while size < source.count * 2 { size *= 2 }
        var table = [Int32](repeating: -1, count: size)
        for (key, value) in source {
            var slot = Self.hash(key, caseSensitive) & (size - 1)
            while table[slot] >= 0, !Self.same(pairs[Int(table[slot])].key, key, caseSensitive) {
                slot = (slot + 1) & (size - 1)
            }
            if table[slot] >= 0 {
                let at = Int(table[slot])
                pairs[at] = Pair(key: pairs[at].key, value: value)
            } else {
                table[slot] = Int32(truncatingIfNeeded: pairs.count)
                pairs.append(Pair(key: key, value: value))
            }
        }
        self.pairs = pairs
        self.table = table
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
        if caseSensitive {
            for byte in key.utf8 { hasher.combine(byte) }
        } else if OrdinalText.isASCII(key) {
            for byte in key.utf8 { hasher.combine(OrdinalText.upper(byte)) }
        } else {
            for byte in OrdinalText.folded(key).utf8 { hasher.combine(byte) }
        }
        return hasher.finalize()
    }
}
