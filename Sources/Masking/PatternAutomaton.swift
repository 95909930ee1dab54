/// Finds all of many patterns in one pass: an Aho-Corasick automaton whose first four levels are a hash of four bytes. A
/// filter of bits stands before it, so that ordinary text costs a look each byte, however many patterns there are.
///
/// States are numbered level by level, the children of a state beside each other: a state takes 17 bytes.
struct PatternAutomaton: Sendable {
    /// A shorter pattern would hide ordinary text.
    static let shortest = 4
    static let lengthMask: UInt32 = 0x3fff_ffff
    static let hidesBefore: UInt32 = 1 << 30
    static let hidesAfter: UInt32 = 1 << 31

    /// The longest pattern, bytes.
    let longest: Int
    let patterns: [MaskPattern]
    private(set) var filter: [UInt64] = []
    private(set) var filterShift: UInt32 = 0
    /// Open addressing: four bytes, and their state; none is 0.
    private(set) var gramKeys: [UInt32] = []
    private(set) var gramStates: [UInt32] = []
    private(set) var gramShift: UInt32 = 0
    private(set) var labels: [UInt8] = [0]
    /// Where a state's children begin; they end where the next one's begin.
    private(set) var children: [UInt32] = [0]
    private(set) var fails: [UInt32] = [0]
    private(set) var depths: [UInt32] = [0]
    /// The length of the longest pattern that ends in a state, and what it hides beside it.
    private(set) var found: [UInt32] = [0]
    /// A bit for each two bytes that stand beside each other in a pattern, or in what it hides.
    private var pairs = [UInt64](repeating: 0, count: 1 << 10)

    /// Patterns under four bytes are left out.
    init(_ unordered: [MaskPattern]) {
        patterns = unordered.filter { $0.bytes.count >= Self.shortest }
            .sorted { one, other in Self.isBefore(one.bytes, other.bytes) }
        longest = patterns.reduce(0) { max($0, $1.bytes.count) }
        build()
        for pattern in patterns { addPairs(of: pattern) }
    }

    func hasPair(_ first: UInt8, _ second: UInt8) -> Bool {
        pairs[Int(first) << 2 | Int(second >> 6)] & (1 << UInt64(second & 63)) != 0
    }

    private static func isBefore(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        let count = min(one.count, other.count)
        for at in 0..<count where one[at] != other[at] { return one[at] < other[at] }
        return one.count < other.count
    }

    // MARK: - Building

    private mutating func addPairs(of pattern: MaskPattern) {
        func add(_ first: UInt8, _ second: UInt8) {
            pairs[Int(first) << 2 | Int(second >> 6)] |= 1 << UInt64(second & 63)
        }
        for at in 1..<pattern.bytes.count { add(pattern.bytes[at - 1], pattern.bytes[at]) }
        guard let first = pattern.bytes.first, let last = pattern.bytes.last else { return }
        if pattern.hidesBefore { for byte in Base64.characters { add(byte, first) } }
        guard pattern.hidesAfter else { return }
        for byte in Base64.characters + [UInt8(ascii: "=")] {
            add(last, byte)
            add(byte, UInt8(ascii: "="))
        }
    }

    /// Patterns that begin as a state does.
    private struct Span {
        var from: Int
        var end: Int
    }

    private mutating func build() {
        guard !patterns.isEmpty else { return }
        var spans = [Span(from: 0, end: 0)]
        addGrams(&spans)
        // Each state's fail leads to a level above, which is complete then.
        var state = 1
        while state < spans.count {
            addChildren(of: state, &spans)
            state += 1
        }
        children.append(UInt32(spans.count))
    }

    private mutating func addGrams(_ spans: inout [Span]) {
        let count = patterns.count
        filterShift = 32 - UInt32(max(12, min(22, (count * 128).bitWidth - (count * 128).leadingZeroBitCount)))
        filter = [UInt64](repeating: 0, count: 1 << Int(32 - filterShift - 6))
        let slots = (count * 2).bitWidth - (count * 2).leadingZeroBitCount
        gramShift = 32 - UInt32(slots)
        gramKeys = [UInt32](repeating: 0, count: 1 << slots)
        gramStates = [UInt32](repeating: 0, count: 1 << slots)
        var at = 0
        while at < count {
            let gram = Self.gram(patterns[at].bytes, 0)
            var end = at + 1
            while end < count, Self.gram(patterns[end].bytes, 0) == gram { end += 1 }
            var slot = Int(Self.hash(gram) >> gramShift)
            while gramStates[slot] != 0 { slot = (slot + 1) & (gramStates.count - 1) }
            gramKeys[slot] = gram
            gramStates[slot] = UInt32(spans.count)
            let bit = Int(Self.hash(gram) >> filterShift)
            filter[bit >> 6] |= 1 << UInt64(bit & 63)
            append(0, depth: 4, fail: 0, Span(from: at, end: end), &spans)
            at = end
        }
    }

    private mutating func append(_ label: UInt8, depth: UInt32, fail: UInt32, _ span: Span, _ spans: inout [Span]) {
        var own: UInt32 = 0
        var beside: UInt32 = found[Int(fail)] & Self.hidesAfter
        var at = span.from
        // The shortest of them stand first, and the same bytes may be hidden in several ways.
        while at < span.end, patterns[at].bytes.count == Int(depth) {
            own = depth
            if patterns[at].hidesBefore { beside |= Self.hidesBefore }
            if patterns[at].hidesAfter { beside |= Self.hidesAfter }
            at += 1
        }
        // What ends here otherwise is shorter, by at least the character that it may hide before it.
        found.append(own == 0 ? found[Int(fail)] : own | beside)
        labels.append(label)
        children.append(0)
        fails.append(fail)
        depths.append(depth)
        spans.append(Span(from: at, end: span.end))
    }

    private mutating func addChildren(of state: Int, _ spans: inout [Span]) {
        children[state] = UInt32(spans.count)
        let span = spans[state]
        let depth = Int(depths[state])
        var at = span.from
        while at < span.end {
            let label = patterns[at].bytes[depth]
            var end = at + 1
            while end < span.end, patterns[end].bytes[depth] == label { end += 1 }
            var fail = fails[state]
            var target: UInt32 = 0
            while fail != 0 {
                target = child(of: fail, label)
                if target != 0 { break }
                fail = fails[Int(fail)]
            }
            if target == 0 { target = self.state(of: Self.gram(patterns[at].bytes, depth - 3)) }
            append(label, depth: UInt32(depth + 1), fail: target, Span(from: at, end: end), &spans)
            at = end
        }
    }

    /// While the automaton is built, of a state whose children are complete.
    private func child(of state: UInt32, _ label: UInt8) -> UInt32 {
        var at = Int(children[Int(state)])
        let end = Int(children[Int(state) + 1])
        while at < end {
            if labels[at] == label { return UInt32(at) }
            at += 1
        }
        return 0
    }

    private func state(of gram: UInt32) -> UInt32 {
        var slot = Int(Self.hash(gram) >> gramShift)
        while gramStates[slot] != 0 {
            if gramKeys[slot] == gram { return gramStates[slot] }
            slot = (slot + 1) & (gramStates.count - 1)
        }
        return 0
    }

    private static func gram(_ bytes: [UInt8], _ at: Int) -> UInt32 {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at, as: UInt32.self) }
    }

    static func hash(_ gram: UInt32) -> UInt32 { gram &* 0x9E37_79B1 }
}
