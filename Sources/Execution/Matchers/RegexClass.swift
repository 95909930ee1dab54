/// Classes of characters and escapes in a regular expression.
enum RegexClass {
    private static let digits: [ClosedRange<UInt32>] = [48...57]
    private static let words: [ClosedRange<UInt32>] = [48...57, 65...90, 95...95, 97...122]
    private static let blanks: [ClosedRange<UInt32>] = [9...13, 32...32, 0xa0...0xa0, 0x2028...0x2029, 0xfeff...0xfeff]
    private static let all: UInt32 = 0x10_ffff

    static func isWord(_ scalar: UInt32) -> Bool { words.contains { $0.contains(scalar) } }

    /// Behind `[`, up to and with `]`.
    static func read(
        _ rest: inout ArraySlice<UInt32>, fault: (String) -> ExecutionError
    ) throws(ExecutionError) -> RegexInstruction {
        let isNegated = rest.first == 94
        if isNegated { rest = rest.dropFirst() }
        var ranges: [ClosedRange<UInt32>] = []
        while let scalar = rest.popFirst() {
            if scalar == 93 { return .set(ranges, isNegated: isNegated) }
            let low = try item(scalar, &rest, fault: fault)
            guard case .scalar(let from) = low, rest.first == 45, rest.dropFirst().first ?? 93 != 93 else {
                ranges += Self.ranges(low)
                continue
            }
            rest = rest.dropFirst()
            guard let end = rest.popFirst() else { break }
            let high = try item(end, &rest, fault: fault)
            guard case .scalar(let to) = high else {
                ranges += [from...from, 45...45] + Self.ranges(high)
                continue
            }
            guard from <= to else { throw fault("a range is out of order") }
            ranges.append(from...to)
        }
        throw fault("missing ]")
    }

    private static func item(
        _ scalar: UInt32, _ rest: inout ArraySlice<UInt32>, fault: (String) -> ExecutionError
    ) throws(ExecutionError) -> RegexInstruction {
        guard scalar == 92 else { return .scalar(scalar) }
        if rest.first == 98 {
            rest = rest.dropFirst()
            return .scalar(8)
        }
        return try escape(&rest, fault: fault)
    }

    private static func ranges(_ item: RegexInstruction) -> [ClosedRange<UInt32>] {
        switch item {
        case .scalar(let scalar): return [scalar...scalar]
        case .set(let ranges, isNegated: false): return ranges
        case .set(let ranges, isNegated: true):
            var result: [ClosedRange<UInt32>] = []
            var next: UInt32 = 0
            for range in ranges {
                if next < range.lowerBound { result.append(next...(range.lowerBound - 1)) }
                next = range.upperBound + 1
            }
            return result + [next...all]
        default: return []
        }
    }

    /// Behind a backslash.
    static func escape(
        _ rest: inout ArraySlice<UInt32>, fault: (String) -> ExecutionError
    ) throws(ExecutionError) -> RegexInstruction {
        guard let value = rest.popFirst(), let scalar = Unicode.Scalar(value) else { throw fault("\\ at the end") }
        switch scalar {
        case "d": return .set(digits, isNegated: false)
        case "D": return .set(digits, isNegated: true)
        case "w": return .set(words, isNegated: false)
        case "W": return .set(words, isNegated: true)
        case "s": return .set(blanks, isNegated: false)
        case "S": return .set(blanks, isNegated: true)
        case "t": return .scalar(9)
        case "n": return .scalar(10)
        case "v": return .scalar(11)
        case "f": return .scalar(12)
        case "r": return .scalar(13)
        case "0": return .scalar(0)
        case "x": return .scalar(try hexadecimal(2, &rest, fault: fault))
        case "u": return .scalar(try hexadecimal(4, &rest, fault: fault))
        case "p", "P", "k": throw fault("\\\(scalar) is not supported")
        default: return .scalar(value)
        }
    }

    private static func hexadecimal(
        _ count: Int, _ rest: inout ArraySlice<UInt32>, fault: (String) -> ExecutionError
    ) throws(ExecutionError) -> UInt32 {
        let digits = String(String.UnicodeScalarView(rest.prefix(count).compactMap(Unicode.Scalar.init)))
        guard digits.utf8.count == count, let value = UInt32(digits, radix: 16) else {
            throw fault("an escape needs \(count) hexadecimal digits")
        }
        rest = rest.dropFirst(count)
        return value
    }
}
