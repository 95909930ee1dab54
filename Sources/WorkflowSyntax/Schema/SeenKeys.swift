/// Whether a key of a mapping stands before, without regard to case. A few are compared one by one.
struct SeenKeys {
    private var many: Set<String> = []
    private let isLarge: Bool

    init(_ count: Int) {
        isLarge = count > 12
    }

    /// False when the key of a pair, which is a literal, was there. Called in order.
    mutating func insert(_ key: String, _ index: Int, of pairs: [TemplateToken.Pair]) -> Bool {
        isLarge ? many.insert(OrdinalText.folded(key)).inserted : !Self.contains(key, pairs, before: index)
    }

    /// Whether any of the pairs has the key.
    func contains(_ key: String, in pairs: [TemplateToken.Pair]) -> Bool {
        isLarge ? many.contains(OrdinalText.folded(key)) : Self.contains(key, pairs, before: pairs.count)
    }

    private static func contains(_ key: String, _ pairs: [TemplateToken.Pair], before end: Int) -> Bool {
        for index in 0..<end {
            if case .string(let name) = pairs[index].key.kind, OrdinalText.same(name, key) { return true }
        }
        return false
    }
}
