/// A pattern of `branches`, `tags` or `paths` (GitHub, "Filter pattern cheat sheet"): `*` stops at `/`, `**` does not,
/// `**/` may be nothing, `?` and `+` apply to what stands before, `[…]` is a class, `\` escapes, a leading `!` negates.
/// The whole name is covered, and case counts. Matching simulates all states at once: linear in the name for a
/// pattern, without backtracking.
public struct FilterPattern: Sendable {
    private enum Symbol: Sendable {
        case scalar(Unicode.Scalar)
        case any
        case anyButSlash
        case oneOf([ClosedRange<UInt32>])
        /// Only a place to choose a way on.
        case nothing

        func matches(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .scalar(let own): own == scalar
            case .any: true
            case .nothing: false
            case .anyButSlash: scalar != "/"
            case .oneOf(let ranges): ranges.contains { $0.contains(scalar.value) }
            }
        }
    }

    private struct State: Sendable {
        var symbol: Symbol
        /// May match again.
        var repeats = false
        /// States that may be taken instead, as distances: 1 is the next.
        var skips: [Int] = []
    }

    public let source: String
    /// Written with a leading `!`.
    public let isNegated: Bool
    private var states: [State] = []

    /// Never fails: what is malformed stands for itself. ``fault(of:)`` names it.
    public init(_ source: String) {
        self.source = source
        isNegated = source.hasPrefix("!")
        let scalars = Array(source.unicodeScalars.dropFirst(isNegated ? 1 : 0))
        var at = 0
        while at < scalars.count {
            let scalar = scalars[at]
            at += 1
            switch scalar {
            case "*":
                guard at < scalars.count, scalars[at] == "*" else {
                    states.append(State(symbol: .anyButSlash, repeats: true, skips: [1]))
                    continue
                }
                while at < scalars.count, scalars[at] == "*" { at += 1 }
                if at < scalars.count, scalars[at] == "/", states.isEmpty || isSlash(states[states.count - 1]) {
                    at += 1
                    states.append(State(symbol: .nothing, skips: [1, 3]))
                    states.append(State(symbol: .any, repeats: true, skips: [1]))
                    states.append(State(symbol: .scalar("/")))
                } else {
                    states.append(State(symbol: .any, repeats: true, skips: [1]))
                }
            case "?" where !states.isEmpty: quantify(optional: true)
            case "+" where !states.isEmpty: quantify(optional: false)
            case "[":
                guard let (ranges, end) = Self.ranges(scalars, at) else {
                    states.append(State(symbol: .scalar(scalar)))
                    continue
                }
                states.append(State(symbol: .oneOf(ranges)))
                at = end
            case "\\" where at < scalars.count:
                states.append(State(symbol: .scalar(scalars[at])))
                at += 1
            default: states.append(State(symbol: .scalar(scalar)))
            }
        }
    }

    /// Whether the pattern covers the whole name, a leading `!` left out.
    public func matches(_ name: String) -> Bool {
        var current = [Bool](repeating: false, count: states.count + 1)
        var next = current
        reach(0, in: &current)
        for scalar in name.unicodeScalars {
            for at in next.indices { next[at] = false }
            var alive = false
            for at in states.indices where current[at] && states[at].symbol.matches(scalar) {
                alive = true
                if states[at].repeats { reach(at, in: &next) }
                reach(at + 1, in: &next)
            }
            if !alive { return false }
            swap(&current, &next)
        }
        return current[states.count]
    }

    private func reach(_ at: Int, in set: inout [Bool]) {
        if set[at] { return }
        set[at] = true
        guard at < states.count else { return }
        for skip in states[at].skips { reach(at + skip, in: &set) }
    }

    private func isSlash(_ state: State) -> Bool {
        if case .scalar("/") = state.symbol { true } else { false }
    }

    /// `?` or `+` on the last state.
    private mutating func quantify(optional: Bool) {
        let last = states.count - 1
        if optional {
            if !states[last].skips.contains(1) { states[last].skips.append(1) }
        } else {
            states[last].repeats = true
        }
    }

    /// The ranges of a class and the place behind its `]`; nil when it is not closed or empty.
    private static func ranges(_ scalars: [Unicode.Scalar], _ start: Int) -> (ranges: [ClosedRange<UInt32>], end: Int)?
    {
        var at = start
        var ranges: [ClosedRange<UInt32>] = []
        while at < scalars.count, scalars[at] != "]" {
            let low = scalars[at].value
            if at + 2 < scalars.count, scalars[at + 1] == "-", scalars[at + 2] != "]" {
                let high = scalars[at + 2].value
                if low <= high { ranges.append(low...high) }
                at += 3
            } else {
                ranges.append(low...low)
                at += 1
            }
        }
        return at < scalars.count && !ranges.isEmpty ? (ranges, at + 1) : nil
    }
}
