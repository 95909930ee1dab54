/// Masks bytes that come in pieces: what may be the beginning of a secret is held back until it is known.
public struct MaskStream: Sendable {
    /// What is held for longer is not waited for: terminal codes or control characters without end within the beginning of a
    /// secret. They are left out then.
    private static let limit = 256 << 10

    private var held: [UInt8] = []
    /// So many of the held bytes belong to a secret of which `***` is out already.
    private var covered = 0
    /// Nothing came after the last `***`.
    private var endsMasked = false

    public init() {}

    /// Bytes that are held back.
    public var count: Int { held.count }

    /// What may go out.
    public mutating func push(_ bytes: some Collection<UInt8>, _ masker: Masker) -> [UInt8] {
        held.append(contentsOf: bytes)
        return release(masker, isLast: false)
    }

    /// The rest: nothing follows.
    public mutating func finish(_ masker: Masker) -> [UInt8] {
        let rest = release(masker, isLast: true)
        self = MaskStream()
        return rest
    }

    private mutating func release(_ masker: Masker, isLast: Bool) -> [UInt8] {
        var (hits, open) = held.withUnsafeBufferPointer { masker.find(in: $0) }
        if isLast { open = held.count }
        if held.count - open > Self.limit {
            held = TerminalCodes.visible(held)
            covered = min(covered, held.count)
            (hits, open) = held.withUnsafeBufferPointer { masker.find(in: $0) }
            open = max(open, held.count - masker.longest)
        }
        guard open > 0 else { return [] }
        if covered > 0 { hits = MaskRanges.merged([0..<covered] + hits) }
        var result: [UInt8] = []
        result.reserveCapacity(open)
        var from = 0
        var rest = 0
        for hit in hits where hit.lowerBound < open {
            result += held[from..<hit.lowerBound]
            if !(hit.lowerBound == 0 && endsMasked) { result += Masker.mask }
            from = min(hit.upperBound, open)
            rest = max(0, hit.upperBound - open)
        }
        result += held[from..<open]
        endsMasked = from == open
        covered = rest
        held.removeFirst(open)
        return result
    }
}
