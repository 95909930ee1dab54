/// A compiled regular expression. It tries one way after the other, within a number of steps: an expression that would
/// take for ever does not match.
struct RegexProgram: Sendable {
    static let stepLimit = 200_000

    let code: [RegexInstruction]
    let groups: Int
    let marks: Int

    private enum Undo {
        case branch(pc: Int, at: Int)
        case save(Int, Int)
        case mark(Int, Int)
    }

    private struct State {
        var saves: [Int]
        var marks: [Int]
        var steps = 0
    }

    /// The first match: the text of group 0 and of those in parentheses, nil for one that took no part.
    func firstMatch(in text: String) -> [String?]? {
        let line = text.unicodeScalars.map(\.value)
        var state = State(saves: Array(repeating: -1, count: groups * 2), marks: Array(repeating: -1, count: marks))
        let isAnchored = if case .start? = code.first { true } else { false }
        for start in 0...(isAnchored ? 0 : line.count) {
            guard let end = run(0, start, line, &state) else {
                if state.steps > Self.stepLimit { return nil }
                continue
            }
            state.saves[0] = start
            state.saves[1] = end
            return (0..<groups).map { group in
                let (from, to) = (state.saves[group * 2], state.saves[group * 2 + 1])
                guard from >= 0, to >= from else { return nil }
                return String(String.UnicodeScalarView(line[from..<to].compactMap(Unicode.Scalar.init)))
            }
        }
        return nil
    }

    /// Where the program that begins at `pc` accepts, or nil.
    private func run(_ pc: Int, _ at: Int, _ line: [UInt32], _ state: inout State) -> Int? {
        var (pc, at) = (pc, at)
        var undo: [Undo] = []
        while true {
            state.steps += 1
            if state.steps > Self.stepLimit { return nil }
            var fits = true
            switch code[pc] {
            case .accept: return at
            case .jump(let distance): pc += distance - 1
            case .split(let first, let second):
                undo.append(.branch(pc: pc + second, at: at))
                pc += first - 1
            case .save(let index):
                undo.append(.save(index, state.saves[index]))
                state.saves[index] = at
            case .mark(let index):
                undo.append(.mark(index, state.marks[index]))
                state.marks[index] = at
            case .progress(let index): fits = state.marks[index] != at
            case .start: fits = at == 0
            case .end: fits = at == line.count
            case .boundary(let isNegated):
                let before = at > 0 && RegexClass.isWord(line[at - 1])
                let after = at < line.count && RegexClass.isWord(line[at])
                fits = (before != after) != isNegated
            case .look(let length, let isNegated):
                let kept = state.saves
                let found = run(pc + 1, at, line, &state) != nil
                fits = found != isNegated
                if isNegated || !found {
                    state.saves = kept
                } else {
                    for index in kept.indices where kept[index] != state.saves[index] {
                        undo.append(.save(index, kept[index]))
                    }
                }
                pc += length
            case .reference(let group):
                fits = take(group, &at, line, state)
            case .scalar, .any, .set:
                fits = at < line.count && Self.matches(code[pc], line[at])
                at += 1
            }
            if fits {
                pc += 1
            } else {
                guard let branch = Self.back(&undo, &state) else { return nil }
                (pc, at) = branch
            }
        }
    }

    private static func back(_ undo: inout [Undo], _ state: inout State) -> (Int, Int)? {
        while let last = undo.popLast() {
            switch last {
            case .branch(let pc, let at): return (pc, at)
            case .save(let index, let value): state.saves[index] = value
            case .mark(let index, let value): state.marks[index] = value
            }
        }
        return nil
    }

    private static func matches(_ instruction: RegexInstruction, _ scalar: UInt32) -> Bool {
        switch instruction {
        case .scalar(let wanted): scalar == wanted
        case .any: scalar != 10 && scalar != 13 && scalar != 0x2028 && scalar != 0x2029
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
        default: false
        }
    }

    private func take(_ group: Int, _ at: inout Int, _ line: [UInt32], _ state: State) -> Bool {
        guard group < groups else { return true }
        let (from, to) = (state.saves[group * 2], state.saves[group * 2 + 1])
        guard from >= 0, to >= from else { return true }
        guard line[at...].starts(with: line[from..<to]) else { return false }
        at += to - from
        return true
    }
}
