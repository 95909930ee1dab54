/// Compiles a regular expression of ECMAScript, without lookbehind and properties of Unicode.
struct RegexCompiler {
    typealias Code = [RegexInstruction]

    /// Longer than any that a person writes: repetitions are written out.
    private static let sizeLimit = 20_000

    private var rest: ArraySlice<UInt32>
    private let source: String
    private var depth = 0
    /// Group 0 and those in parentheses.
    private(set) var groups = 1
    private(set) var marks = 0

    /// Throws ``ExecutionError`` for what is no expression, or one with parts that are not supported.
    static func compile(_ source: String) throws(ExecutionError) -> RegexProgram {
        var compiler = RegexCompiler(source)
        let code = try compiler.alternatives()
        guard compiler.rest.isEmpty else { throw compiler.fault("unmatched )") }
        return RegexProgram(code: code + [.accept], groups: compiler.groups, marks: compiler.marks)
    }

    private init(_ source: String) {
        self.source = source
        rest = source.unicodeScalars.map(\.value)[...]
    }

    private func fault(_ reason: String) -> ExecutionError {
        ExecutionError("'\(source)' is not a regular expression: \(reason)")
    }

    private func next(is character: Unicode.Scalar) -> Bool { rest.first == character.value }

    private mutating func take(_ text: String) -> Bool {
        let scalars = text.unicodeScalars.map(\.value)
        guard rest.starts(with: scalars) else { return false }
        rest = rest.dropFirst(scalars.count)
        return true
    }

    private mutating func alternatives() throws(ExecutionError) -> Code {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 50 else { throw fault("nested too deeply") }
        var code = try sequence()
        while take("|") {
            let other = try sequence()
            code = [.split(first: 1, second: code.count + 2)] + code + [.jump(other.count + 1)] + other
            guard code.count <= Self.sizeLimit else { throw fault("too large") }
        }
        return code
    }

    private mutating func sequence() throws(ExecutionError) -> Code {
        var code: Code = []
        while !rest.isEmpty, !next(is: "|"), !next(is: ")") {
            let first = groups
            let atom = try atom()
            code += try repeated(atom, hasGroups: groups > first)
            guard code.count <= Self.sizeLimit else { throw fault("too large") }
        }
        return code
    }

    private mutating func atom() throws(ExecutionError) -> Code {
        if take("^") { return [.start] }
        if take("$") { return [.end] }
        if take(".") { return [.any] }
        if take("[") { return [try RegexClass.read(&rest, fault: fault)] }
        if take("\\") { return [try escape()] }
        if take("(?:") { return try closed(alternatives()) }
        if take("(?=") { return look(try closed(alternatives()), isNegated: false) }
        if take("(?!") { return look(try closed(alternatives()), isNegated: true) }
        if take("(?<=") || take("(?<!") { throw fault("lookbehind is not supported") }
        if take("(?<") {
            guard let end = rest.firstIndex(of: 62), end > rest.startIndex else { throw fault("a group has no name") }
            rest = rest[(end + 1)...]
            return try group()
        }
        if take("(?") { throw fault("(? is followed by something unknown") }
        if take("(") { return try group() }
        guard let scalar = rest.popFirst(), !"*+?".unicodeScalars.contains(where: { $0.value == scalar }) else {
            throw fault("nothing to repeat")
        }
        return [.scalar(scalar)]
    }

    private mutating func group() throws(ExecutionError) -> Code {
        let number = groups
        groups += 1
        return [.save(number * 2)] + (try closed(alternatives())) + [.save(number * 2 + 1)]
    }

    private mutating func closed(_ code: Code) throws(ExecutionError) -> Code {
        guard take(")") else { throw fault("missing )") }
        return code
    }

    private func look(_ code: Code, isNegated: Bool) -> Code {
        [.look(length: code.count + 1, isNegated: isNegated)] + code + [.accept]
    }

    private mutating func escape() throws(ExecutionError) -> RegexInstruction {
        if take("b") { return .boundary(isNegated: false) }
        if take("B") { return .boundary(isNegated: true) }
        if let digit = rest.first, (49...57).contains(digit) {
            rest = rest.dropFirst()
            return .reference(Int(digit - 48))
        }
        return try RegexClass.escape(&rest, fault: fault)
    }

    private mutating func repeated(_ atom: Code, hasGroups: Bool) throws(ExecutionError) -> Code {
        guard let (least, most) = bounds() else { return atom }
        let isLazy = take("?")
        guard least <= 1_000, most ?? 0 <= 1_000, most.map({ $0 >= least }) ?? true,
            atom.count * max(least, most ?? 1) <= Self.sizeLimit
        else { throw fault("a repetition is too large") }
        var code: Code = []
        for _ in 0..<least { code += atom }
        if let most {
            for _ in least..<most {
                code = code + Self.fork(atom.count + 1, isLazy) + atom
            }
        } else {
            let loop = Self.fork(atom.count + 4, isLazy) + [.mark(marks)] + atom + [.progress(marks)]
            code += loop + [.jump(-loop.count)]
            marks += 1
        }
        return code
    }

    /// Into what follows, or past it.
    private static func fork(_ length: Int, _ isLazy: Bool) -> Code {
        [isLazy ? .split(first: length, second: 1) : .split(first: 1, second: length)]
    }

    /// The quantifier that stands next. A brace that is none is a character.
    private mutating func bounds() -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard next(is: "{"), let end = rest.firstIndex(of: 125) else { return nil }
        let text = String(String.UnicodeScalarView(rest[..<end].dropFirst().compactMap(Unicode.Scalar.init)))
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard let least = parts.first.flatMap({ Int($0) }), parts.count <= 2 else { return nil }
        let most: Int?
        if parts.count == 1 {
            most = least
        } else if parts[1].isEmpty {
            most = nil
        } else {
            guard let bound = Int(parts[1]) else { return nil }
            most = bound
        }
        rest = rest[(end + 1)...]
        return (least, most)
    }
}
