internal import Synchronization

/// The secrets of one job, which grow while it runs.
final class SharedMasker: Sendable {
    private let masker = Mutex(Masker())

    func add(_ secret: String) {
        masker.withLock { $0.add(secret) }
    }

    func mask(_ text: String) -> String {
        masker.withLock { $0.mask(text) }
    }

    /// Whether a value holds a secret: such a job output is not handed on.
    func hasSecret(_ text: String) -> Bool {
        mask(text) != text
    }

    /// How much of a text must be there before it may be cut at `limit`: a secret that begins before is then whole.
    func reach(from limit: Int) -> Int {
        masker.withLock { limit + $0.longest }
    }

    /// The largest cut not above `limit` that divides no secret.
    func safeCut(in bytes: [UInt8], before limit: Int) -> Int {
        masker.withLock { masker in
            var cut = min(limit, bytes.count)
            // Not within a character, unless these are no characters at all.
            var back = 0
            while back < 3, cut > 1, cut < bytes.count, bytes[cut] & 0xc0 == 0x80 {
                cut -= 1
                back += 1
            }
            for hit in bytes.withUnsafeBufferPointer({ masker.matches(in: $0) })
            where hit.lowerBound < cut && hit.upperBound > cut {
                cut = hit.lowerBound > 0 ? hit.lowerBound : min(hit.upperBound, bytes.count)
            }
            return cut
        }
    }
}
