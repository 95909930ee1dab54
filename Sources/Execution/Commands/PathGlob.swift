/// A pattern of `hashFiles`: `*` and `?` within a name, `[…]`, `**` over folders, a leading `!` excludes. A pattern that
/// matches a folder matches all that is in it.
struct PathGlob {
    let isNegated: Bool
    private let segments: [[UInt8]]
    /// The segments of the base, in which no character is special.
    private let literal: Int

    init(_ pattern: String, base: String) {
        var pattern = pattern[...]
        var negated = false
        while pattern.first == "!" {
            negated.toggle()
            pattern = pattern.dropFirst()
        }
        isNegated = negated
        let path = Files.normalize(String(pattern), in: base)
        segments = path.split(separator: "/").map { Array($0.utf8) }
        let own = base.split(separator: "/").map { Array($0.utf8) }
        literal = zip(segments, own).prefix { $0 == $1 }.count
    }

    /// Whether the path matches, or lies in a folder that does.
    func matches(_ path: String) -> Bool {
        guard let states = states(after: path) else { return true }
        return states.contains(segments.count)
    }

    /// Whether something in that folder may match.
    func mayMatch(in folder: String) -> Bool {
        states(after: folder).map { !$0.isEmpty } ?? true
    }

    /// Nil when a folder above the end of the path matches already.
    private func states(after path: String) -> Set<Int>? {
        let parts = path.split(separator: "/").map { Array($0.utf8) }
        // Which segments of the pattern may come next: grows and shrinks by one step a part, never exponentially.
        var states: Set<Int> = closure([0])
        for part in parts {
            if states.contains(segments.count) { return nil }
            var next: Set<Int> = []
            for state in states where state < segments.count {
                if isAnyFolders(state) {
                    next.insert(state)
                } else if state < literal ? segments[state] == part : Self.match(segments[state], part) {
                    next.insert(state + 1)
                }
            }
            states = closure(next)
            if states.isEmpty { break }
        }
        return states
    }

    private func isAnyFolders(_ index: Int) -> Bool { index >= literal && segments[index] == Self.anyFolders }

    private static let anyFolders = Array("**".utf8)

    private func closure(_ states: Set<Int>) -> Set<Int> {
        var all = states
        for state in states {
            var at = state
            while at < segments.count, isAnyFolders(at) {
                at += 1
                all.insert(at)
            }
        }
        return all
    }

    /// One name: linear but for `*`, which goes back to the last star only.
    private static func match(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        var p = 0
        var n = 0
        var star: (p: Int, n: Int)?
        while n < name.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p, n)
                p += 1
            } else if p < pattern.count, let next = one(pattern, p, name[n]) {
                // A question mark stands for a character, not for a byte of it.
                let isAny = pattern[p] == UInt8(ascii: "?")
                p = next
                n += 1
                while isAny, n < name.count, name[n] & 0xc0 == 0x80 { n += 1 }
            } else if let back = star {
                star = (back.p, back.n + 1)
                p = back.p + 1
                n = back.n + 1
            } else {
                return false
            }
        }
        while p < pattern.count, pattern[p] == UInt8(ascii: "*") { p += 1 }
        return p == pattern.count
    }

    /// The place in the pattern behind what matches the byte, or nil.
    private static func one(_ pattern: [UInt8], _ at: Int, _ byte: UInt8) -> Int? {
        switch pattern[at] {
        case UInt8(ascii: "?"): return at + 1
        case UInt8(ascii: "["):
            guard let end = pattern[(at + 1)...].dropFirst().firstIndex(of: UInt8(ascii: "]")) else {
                return byte == pattern[at] ? at + 1 : nil
            }
            var set = pattern[(at + 1)..<end]
            let isInverted = set.first == UInt8(ascii: "!") || set.first == UInt8(ascii: "^")
            if isInverted { set = set.dropFirst() }
            return contains(set, byte) != isInverted ? end + 1 : nil
        case UInt8(ascii: "\\") where at + 1 < pattern.count:
            return pattern[at + 1] == byte ? at + 2 : nil
        case byte: return at + 1
        default: return nil
        }
    }

    private static func contains(_ set: ArraySlice<UInt8>, _ byte: UInt8) -> Bool {
        var at = set.startIndex
        while at < set.endIndex {
            if at + 2 < set.endIndex, set[at + 1] == UInt8(ascii: "-") {
                if set[at] <= byte && byte <= set[at + 2] { return true }
                at += 3
            } else {
                if set[at] == byte { return true }
                at += 1
            }
        }
        return false
    }
}
