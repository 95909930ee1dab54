/// Replaces secrets in what leaves a job by `***`: their text, each line of it, and the encodings in which they
/// commonly appear. Patterns are found by a filter on their first four bytes, so a byte costs little however many
/// secrets there are. Terminal codes (`ESC [ … m`) within a secret do not hide it.
struct Masker: Sendable {
    /// A shorter secret would mask ordinary text.
    static let shortestPattern = 4

    private var patterns: [UInt32: [[UInt8]]] = [:]
    /// A bit for each slot that some pattern's first bytes fall into: 64 KiB, so that most other text misses it.
    private var filter: [UInt64] = []
    private(set) var longest = 0
    private var known: Set<[UInt8]> = []

    mutating func add(_ secret: String) {
        let whole = Array(secret.utf8)
        guard !whole.isEmpty, known.insert(whole).inserted else { return }
        var texts = [whole]
        if whole.contains(where: Self.isBreak) {
            for line in whole.split(whereSeparator: Self.isBreak) {
                texts.append(Array(line))
                texts.append(Self.trimmed(line))
            }
        }
        for text in texts {
            insert(text)
            for encoded in SecretEncodings.all(of: text) { insert(encoded) }
        }
    }

    private static func isBreak(_ byte: UInt8) -> Bool { byte == 10 || byte == 13 }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> [UInt8] {
        var line = line.drop { $0 == 32 || $0 == 9 }
        while let last = line.last, last == 32 || last == 9 { line.removeLast() }
        return Array(line)
    }

    private mutating func insert(_ pattern: [UInt8]) {
        guard pattern.count >= Self.shortestPattern else { return }
        let key = pattern.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        var bucket = patterns[key] ?? []
        guard !bucket.contains(pattern) else { return }
        bucket.append(pattern)
        // Longest first: a secret that is a prefix of another leaks no tail.
        bucket.sort { $0.count > $1.count }
        patterns[key] = bucket
        if filter.isEmpty { filter = [UInt64](repeating: 0, count: 1 << 13) }
        let slot = Self.slot(key)
        filter[slot >> 6] |= 1 << UInt64(slot & 63)
        longest = max(longest, pattern.count)
    }

    func mask(_ text: String) -> String {
        if patterns.isEmpty { return text }
        var text = text
        let masked: String? = text.withUTF8 { bytes in
            let hits = matches(in: bytes)
            return hits.isEmpty ? nil : Self.replace(hits, in: bytes)
        }
        return masked ?? text
    }

    private static func replace(_ hits: [Range<Int>], in bytes: UnsafeBufferPointer<UInt8>) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var from = 0
        for hit in hits {
            result += bytes[from..<hit.lowerBound]
            result += "***".utf8
            from = hit.upperBound
        }
        result += bytes[from...]
        return String(decoding: result, as: UTF8.self)
    }

    /// Places of secrets, in order; overlapping and adjacent ones are one.
    func matches(in bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        let hits = plainMatches(in: bytes)
        guard !patterns.isEmpty, bytes.contains(TerminalCodes.escape) else { return hits }
        let (text, places) = TerminalCodes.strip(bytes)
        let hidden = text.withUnsafeBufferPointer { plainMatches(in: $0) }
            .map { places[$0.lowerBound]..<places[$0.upperBound - 1] + 1 }
        return Self.merged(hits + hidden)
    }

    private static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) { append(range, to: &result) }
        return result
    }

    private static func append(_ hit: Range<Int>, to hits: inout [Range<Int>]) {
        if let last = hits.last, hit.lowerBound <= last.upperBound {
            hits[hits.count - 1] = last.lowerBound..<max(last.upperBound, hit.upperBound)
        } else {
            hits.append(hit)
        }
    }

    private func plainMatches(in bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        guard bytes.count >= Self.shortestPattern, !patterns.isEmpty else { return [] }
        var hits: [Range<Int>] = []
        let raw = UnsafeRawBufferPointer(bytes)
        filter.withUnsafeBufferPointer { filter in
            for at in 0...(bytes.count - Self.shortestPattern) {
                let key = raw.loadUnaligned(fromByteOffset: at, as: UInt32.self)
                let slot = Self.slot(key)
                guard filter[slot >> 6] & 1 << UInt64(slot & 63) != 0, let bucket = patterns[key] else { continue }
                for pattern in bucket where at + pattern.count <= bytes.count {
                    guard pattern.indices.allSatisfy({ pattern[$0] == bytes[at + $0] }) else { continue }
                    Self.append(at..<at + pattern.count, to: &hits)
                    break
                }
            }
        }
        return hits
    }

    /// 19 bits of a multiplicative hash.
    private static func slot(_ key: UInt32) -> Int {
        Int((key &* 0x9E37_79B1) >> 13)
    }
}
