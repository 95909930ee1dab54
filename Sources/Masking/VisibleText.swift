internal import Glibc

/// A text without what a ``TerminalReading`` hides.
struct VisibleText {
    /// Places in the original, in order, none adjacent.
    private(set) var gaps: [Range<Int>] = []
    /// Where in the original a code or character begins that more bytes could complete.
    private(set) var open: Int?
    /// Those of more than a control character, in order.
    private var codes: [Range<Int>] = []
    private let original: UnsafeBufferPointer<UInt8>

    init(_ reading: TerminalReading, _ bytes: UnsafeBufferPointer<UInt8>, _ found: InvisibleMarks) {
        original = bytes
        var until = 0
        for mark in found.marks where mark.range.upperBound > until {
            let start = max(until, mark.range.lowerBound)
            until = mark.range.upperBound
            if mark.isCode, start == mark.range.lowerBound {
                let (end, isComplete) = reading.end(of: start, bytes)
                if !isComplete, open == nil { open = start }
                until = end
                codes.append(start..<end)
            }
            if let last = gaps.last, last.upperBound == start {
                gaps[gaps.count - 1] = last.lowerBound..<until
            } else {
                gaps.append(start..<until)
            }
        }
        if let partial = found.partial, partial >= until { open = open ?? partial }
    }

    /// The text in all readings that differ.
    static func all(_ bytes: UnsafeBufferPointer<UInt8>, _ found: InvisibleMarks) -> [VisibleText] {
        var all = [VisibleText(.characters, bytes, found)]
        guard found.hasCodes else { return all }
        all += [VisibleText(.sequences, bytes, found), VisibleText(.codes, bytes, found)]
        var count = 0
        while true {
            let next = VisibleText(.beginning(count), bytes, found)
            if count > 0, next.gaps == all[all.count - 1].gaps { return all }
            all.append(next)
            if count > TerminalReading.parameterLimit { return all }
            count = count == TerminalReading.parameterLimit ? TerminalReading.longest : count + 1
        }
    }

    var bytes: [UInt8] {
        let count = gaps.reduce(original.count) { $0 - $1.count }
        return [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            var from = 0
            func copy(to end: Int) {
                if let to = target.baseAddress, let source = original.baseAddress, end > from {
                    memcpy(to + filled, source + from, end - from)
                    filled += end - from
                }
            }
            for gap in gaps {
                copy(to: gap.lowerBound)
                from = gap.upperBound
            }
            copy(to: original.count)
        }
    }

    /// The beginning of the code that a place of the original lies within, else the place itself.
    func codeStart(at place: Int) -> Int {
        guard let code = codes.last(where: { $0.lowerBound < place }), place < code.upperBound else { return place }
        return code.lowerBound
    }

    /// Where in ``bytes`` a place of the original stands, or what follows it when it is hidden.
    func index(of place: Int) -> Int {
        var index = place
        for gap in gaps where gap.lowerBound < place { index -= min(place, gap.upperBound) - gap.lowerBound }
        return index
    }

    /// Where in the original a place of ``bytes`` stands.
    func place(of index: Int) -> Int {
        var place = index
        for gap in gaps where gap.lowerBound <= place { place += gap.count }
        return place
    }

    /// Places in ``bytes``, in order, as they stand in the original.
    func places(of ranges: [Range<Int>]) -> [Range<Int>] {
        var next = 0
        var removed = 0
        func place(_ index: Int) -> Int {
            while next < gaps.count, gaps[next].lowerBound <= index + removed {
                removed += gaps[next].count
                next += 1
            }
            return index + removed
        }
        return ranges.map { range in
            let lower = place(range.lowerBound)
            return lower..<place(range.upperBound - 1) + 1
        }
    }
}
