internal import Masking
internal import Services

/// A line that is too long to be held as a whole: masked as it comes, and divided into records of the log.
struct LongLine {
    private var stream = MaskStream()
    private var masked: [UInt8] = []

    /// Records that are complete.
    mutating func push(_ bytes: UnsafeRawBufferPointer, _ masker: Masker) -> [String] {
        masked += stream.push(bytes, masker)
        let limit = LogService.lineLimit
        var records: [String] = []
        var from = 0
        while masked.count - from > limit {
            var cut = from + limit
            // Not within a character, unless these are no characters at all.
            while cut > from + limit - 3, masked[cut] & 0xc0 == 0x80 { cut -= 1 }
            records.append(String(decoding: masked[from..<cut], as: UTF8.self))
            from = cut
        }
        masked.removeFirst(from)
        return records
    }

    /// The rest, without a carriage return at its end.
    mutating func finish(_ masker: Masker) -> [String] {
        masked += stream.finish(masker)
        if masked.last == 13 { masked.removeLast() }
        return masked.isEmpty ? [] : [String(decoding: masked, as: UTF8.self)]
    }
}
