/// Replaces secrets in what leaves a job by `***`: their text, each line of it, and the encodings in which they commonly
/// appear. What is not shown within a secret (control characters, terminal codes) does not hide it. Lines and secrets under four bytes are not masked.
public struct Masker: Sendable {
    static let mask = Array("***".utf8)

    private var known: Set<[UInt8]> = []
    /// Each more than twice as large as the next, so that a secret that is added late costs little.
    private var automata: [PatternAutomaton] = []

    public init() {}

    public var isEmpty: Bool { automata.isEmpty }

    /// The longest pattern, bytes.
    public var longest: Int { automata.reduce(0) { max($0, $1.longest) } }

    /// Many at once cost less than one by one.
    public mutating func add(_ secrets: some Sequence<String>) {
        var patterns: Set<MaskPattern> = []
        for secret in secrets {
            let bytes = Array(secret.utf8)
            guard !bytes.isEmpty, known.insert(bytes).inserted else { continue }
            patterns.formUnion(SecretForms.patterns(of: bytes))
        }
        guard !patterns.isEmpty else { return }
        while let last = automata.last, last.patterns.count <= 2 * patterns.count {
            patterns.formUnion(last.patterns)
            automata.removeLast()
        }
        automata.append(PatternAutomaton(Array(patterns)))
    }

    public func mask(_ text: String) -> String {
        if isEmpty { return text }
        var text = text
        let masked: String? = text.withUTF8 { bytes in
            let hits = find(in: bytes).hits
            return hits.isEmpty ? nil : Self.replace(hits, in: bytes)
        }
        return masked ?? text
    }

    /// Parts of one text, with as many stars as a secret has bytes: for texts whose lengths are known elsewhere.
    public func maskKeepingLengths(_ parts: [String]) -> [String] {
        if isEmpty { return parts }
        var bytes = parts.flatMap(\.utf8)
        let hits = bytes.withUnsafeBufferPointer { find(in: $0).hits }
        if hits.isEmpty { return parts }
        for hit in hits { for at in hit { bytes[at] = UInt8(ascii: "*") } }
        var from = 0
        return parts.map { part in
            defer { from += part.utf8.count }
            return String(decoding: bytes[from..<from + part.utf8.count], as: UTF8.self)
        }
    }

    public func hasSecret(_ text: String) -> Bool {
        var text = text
        return !isEmpty && text.withUTF8 { !find(in: $0).hits.isEmpty }
    }

    private static func replace(_ hits: [Range<Int>], in bytes: UnsafeBufferPointer<UInt8>) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var from = 0
        for hit in hits {
            result.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[from..<hit.lowerBound]))
            result += mask
            from = hit.upperBound
        }
        result.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[from...]))
        return String(decoding: result, as: UTF8.self)
    }

    /// Places of secrets, in order, overlapping and adjacent ones as one; and where the first one may begin that more bytes
    /// could complete.
    func find(in bytes: UnsafeBufferPointer<UInt8>) -> (hits: [Range<Int>], open: Int) {
        if isEmpty { return ([], bytes.count) }
        let plain = search(bytes)
        let marks = InvisibleMarks(bytes)
        if marks.isEmpty { return plain }
        var (hits, open) = plain
        let visibles = VisibleText.all(bytes, marks)
        for visible in visibles {
            let (more, end) = search(visible, in: bytes)
            hits += more
            open = min(open, end)
        }
        // What follows is read on its own: not from within a code.
        var start: Int
        repeat {
            start = open
            for visible in visibles { open = min(open, visible.codeStart(at: open)) }
        } while open < start
        return (MaskRanges.merged(hits), open)
    }

    /// Secrets that something invisible divides: around each gap whose neighbours stand beside each other in some pattern.
    private func search(
        _ visible: VisibleText, in bytes: UnsafeBufferPointer<UInt8>
    ) -> (hits: [Range<Int>], open: Int) {
        // As far as a pattern reaches, with what may be hidden beside it.
        let reach = longest + 4
        var windows: [Range<Int>] = []
        var removed = 0
        for gap in visible.gaps {
            let at = gap.lowerBound - removed
            removed += gap.count
            guard gap.lowerBound > 0, gap.upperBound == bytes.count || isJoint(bytes, gap) else { continue }
            MaskRanges.add(max(0, at - reach)..<at + reach, to: &windows)
        }
        var hits: [Range<Int>] = []
        var open = visible.open ?? bytes.count
        if windows.isEmpty, visible.open == nil { return (hits, open) }
        visible.bytes.withUnsafeBufferPointer { text in
            for window in windows {
                let end = min(window.upperBound, text.count)
                let found = search(UnsafeBufferPointer(rebasing: text[window.lowerBound..<end]))
                hits += found.hits.map { $0.lowerBound + window.lowerBound..<$0.upperBound + window.lowerBound }
                if end == text.count { open = min(open, visible.place(of: window.lowerBound + found.open)) }
            }
            // What is not complete may be hidden, or shown: what stands before it is open in both cases.
            if let incomplete = visible.open {
                let end = visible.index(of: incomplete)
                let from = max(0, end - reach)
                let before = search(UnsafeBufferPointer(rebasing: text[from..<end]))
                open = min(open, visible.place(of: from + before.open))
            }
        }
        return (visible.places(of: hits), open)
    }

    private func isJoint(_ bytes: UnsafeBufferPointer<UInt8>, _ gap: Range<Int>) -> Bool {
        let (before, after) = (bytes[gap.lowerBound - 1], bytes[gap.upperBound])
        return automata.contains { $0.hasPair(before, after) }
    }

    private func search(_ bytes: UnsafeBufferPointer<UInt8>) -> (hits: [Range<Int>], open: Int) {
        var hits: [Range<Int>] = []
        guard let first = automata.first else { return (hits, bytes.count) }
        var open = first.scan(bytes, into: &hits)
        for other in automata.dropFirst() {
            var more: [Range<Int>] = []
            open = min(open, other.scan(bytes, into: &more))
            if !more.isEmpty { hits = MaskRanges.merged(hits + more) }
        }
        return (hits, open)
    }
}
