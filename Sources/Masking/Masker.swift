internal import Glibc

/// Replaces secrets in what leaves a job by `***`: their text, each line of it, and the encodings in which they commonly
/// appear. Terminal codes within a secret do not hide it. Lines and secrets under four bytes are not masked.
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
        guard let start = bytes.baseAddress, memchr(start, Int32(TerminalCodes.escape), bytes.count) != nil else {
            return search(bytes)
        }
        let stripped = TerminalCodes.strip(bytes)
        let hidden = stripped.text.withUnsafeBufferPointer { search($0) }
        // A secret may stand within a code, as in a link.
        let plain = search(bytes)
        let open = min(stripped.original(hidden.open), stripped.open ?? bytes.count, plain.open)
        return (MaskRanges.merged(plain.hits + stripped.original(hidden.hits)), max(0, open))
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
