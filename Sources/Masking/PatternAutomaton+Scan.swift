extension PatternAutomaton {
    /// Adds the places of patterns to `hits`, which stay in order; overlapping and adjacent ones are one. Returns where the
    /// first pattern may begin that more bytes could complete.
    func scan(_ bytes: UnsafeBufferPointer<UInt8>, into hits: inout [Range<Int>]) -> Int {
        let count = bytes.count
        guard !patterns.isEmpty, count >= Self.shortest else { return 0 }
        // One less everywhere: the character before a pattern may be hidden with it.
        var open = count
        let raw = UnsafeRawBufferPointer(bytes)
        withTables { tables in
            var at = 0
            scan: while at <= count - Self.shortest {
                let gram = raw.loadUnaligned(fromByteOffset: at, as: UInt32.self)
                guard tables.mayBegin(gram) else {
                    at += 1
                    continue
                }
                var state = tables.state(of: gram)
                guard state != 0 else {
                    at += 1
                    continue
                }
                var next = at + Self.shortest
                while true {
                    let found = tables.found[state]
                    if found != 0 { open = min(open, Self.add(found, endingAt: next, in: bytes, to: &hits)) }
                    if next == count {
                        open = min(open, count - Int(tables.depths[state]) - 1)
                        at = count - Self.shortest + 1
                        break scan
                    }
                    let label = bytes[next]
                    var target = tables.child(of: state, label)
                    while target == 0 {
                        state = Int(tables.fails[state])
                        if state == 0 {
                            // What began within the last three bytes is not four bytes long yet.
                            at = next - 3
                            continue scan
                        }
                        target = tables.child(of: state, label)
                    }
                    state = target
                    next += 1
                }
            }
            open = min(open, at - 1)
        }
        return max(0, open)
    }

    /// Returns where the place begins when what follows may belong to it; else the end.
    private static func add(
        _ found: UInt32, endingAt end: Int, in bytes: UnsafeBufferPointer<UInt8>, to hits: inout [Range<Int>]
    ) -> Int {
        var start = end - Int(found & lengthMask)
        var end = end
        var open = bytes.count
        if found & hidesBefore != 0, start > 0, Base64.isCharacter(bytes[start - 1]) { start -= 1 }
        if found & hidesAfter != 0 {
            if end < bytes.count, Base64.isCharacter(bytes[end]) { end += 1 }
            for _ in 0..<2 where end < bytes.count && bytes[end] == UInt8(ascii: "=") { end += 1 }
            if end == bytes.count { open = start }
        }
        MaskRanges.add(start..<end, to: &hits)
        return open
    }

    /// Pointers, so that no access is counted or checked.
    private struct Tables {
        let filter: UnsafeBufferPointer<UInt64>
        let filterShift: UInt32
        let gramKeys: UnsafeBufferPointer<UInt32>
        let gramStates: UnsafeBufferPointer<UInt32>
        let gramShift: UInt32
        let labels: UnsafeBufferPointer<UInt8>
        let children: UnsafeBufferPointer<UInt32>
        let fails: UnsafeBufferPointer<UInt32>
        let depths: UnsafeBufferPointer<UInt32>
        let found: UnsafeBufferPointer<UInt32>

        @inline(__always) func mayBegin(_ gram: UInt32) -> Bool {
            let bit = Int(PatternAutomaton.hash(gram) >> filterShift)
            return filter[bit >> 6] & (1 << UInt64(bit & 63)) != 0
        }

        func state(of gram: UInt32) -> Int {
            var slot = Int(PatternAutomaton.hash(gram) >> gramShift)
            while gramStates[slot] != 0 {
                if gramKeys[slot] == gram { return Int(gramStates[slot]) }
                slot = (slot + 1) & (gramStates.count - 1)
            }
            return 0
        }

        func child(of state: Int, _ label: UInt8) -> Int {
            var at = Int(children[state])
            let end = Int(children[state + 1])
            while at < end {
                if labels[at] == label { return at }
                at += 1
            }
            return 0
        }
    }

    private func withTables(_ body: (Tables) -> Void) {
        filter.withUnsafeBufferPointer { filter in
            gramKeys.withUnsafeBufferPointer { gramKeys in
                gramStates.withUnsafeBufferPointer { gramStates in
                    labels.withUnsafeBufferPointer { labels in
                        children.withUnsafeBufferPointer { children in
                            fails.withUnsafeBufferPointer { fails in
                                depths.withUnsafeBufferPointer { depths in
                                    found.withUnsafeBufferPointer { found in
                                        body(
                                            Tables(
                                                filter: filter, filterShift: filterShift, gramKeys: gramKeys,
                                                gramStates: gramStates, gramShift: gramShift, labels: labels,
                                                children: children, fails: fails, depths: depths, found: found))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
