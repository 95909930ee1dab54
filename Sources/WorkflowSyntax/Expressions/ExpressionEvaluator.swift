/// Evaluates a compiled expression. Recursion is bounded by the parser's depth limit.
struct ExpressionEvaluator {
    let context: ExpressionContext
    /// Bytes that may still be produced.
    var memory: Int

    init(context: ExpressionContext, memory: Int) {
        self.context = context
        self.memory = memory
    }

    mutating func evaluate(_ node: ExpressionNode) throws(ExpressionError) -> ExpressionValue {
        switch node {
        case .literal(let value): return value
        case .context(let name): return context.values[name] ?? .null
        case .property(let base, let name): return property(of: try evaluate(base), name)
        case .index(let base, let key): return index(try evaluate(base), try evaluate(key))
        case .filter(let base): return filter(try evaluate(base))
        case .not(let operand): return .boolean(!(try evaluate(operand)).isTruthy)
        case .compare(let comparison, let a, let b):
            return .boolean(Self.compare(comparison, try evaluate(a), try evaluate(b)))
        case .all(let nodes):
            var value = ExpressionValue.null
            for node in nodes {
                value = try evaluate(node)
                if !value.isTruthy { break }
            }
            return value
        case .any(let nodes):
            var value = ExpressionValue.null
            for node in nodes {
                value = try evaluate(node)
                if value.isTruthy { break }
            }
            return value
        case .call(let function, let arguments): return try call(function, arguments)
        case .format(let pattern, let arguments): return try format(pattern, arguments[...])
        case .contextual(let name, let arguments):
            guard let function = context.functions[name] else {
                throw ExpressionError(.evaluation, "The function '\(name)' is not available here")
            }
            var values: [ExpressionValue] = []
            for argument in arguments { values.append(try evaluate(argument)) }
            return try function(values)
        }
    }

    private static func compare(
        _ comparison: ExpressionNode.Comparison, _ a: ExpressionValue, _ b: ExpressionValue
    ) -> Bool {
        switch comparison {
        case .equal: a.isEqual(to: b)
        case .notEqual: !a.isEqual(to: b)
        case .greater: a.isGreater(than: b)
        case .greaterOrEqual: a.isEqual(to: b) || a.isGreater(than: b)
        case .less: b.isGreater(than: a)
        case .lessOrEqual: a.isEqual(to: b) || b.isGreater(than: a)
        }
    }

    // MARK: - Indexes

    private func property(of base: ExpressionValue, _ name: String) -> ExpressionValue {
        switch base {
        case .object(let object): return object[name] ?? .null
        case .array(let array):
            if array.isFiltered { return mapped(array) { lookup($0, .string(name)) } }
            return lookup(base, .string(name)) ?? .null
        default: return .null
        }
    }

    private func index(_ base: ExpressionValue, _ key: ExpressionValue) -> ExpressionValue {
        if case .array(let array) = base, array.isFiltered { return mapped(array) { lookup($0, key) } }
        return lookup(base, key) ?? .null
    }

    private func mapped(
        _ array: ExpressionArray, _ body: (ExpressionValue) -> ExpressionValue?
    ) -> ExpressionValue {
        .array(ExpressionArray(filtered: array.elements.compactMap(body)))
    }

    /// Nil where the key is absent. Numbers are floored for arrays and a key's text for objects.
    private func lookup(_ base: ExpressionValue, _ key: ExpressionValue) -> ExpressionValue? {
        switch base {
        case .object(let object):
            switch key {
            case .array, .object: return nil
            default: return object[key.text]
            }
        case .array(let array):
            let number = key.number
            guard number >= 0, number < Double(array.elements.count) else { return nil }
            return array.elements[Int(number)]
        default: return nil
        }
    }

    private func filter(_ base: ExpressionValue) -> ExpressionValue {
        switch base {
        case .object(let object): return .array(ExpressionArray(filtered: object.pairs.map(\.value)))
        case .array(let array):
            guard array.isFiltered else { return .array(ExpressionArray(filtered: array.elements)) }
            var all: [ExpressionValue] = []
            for element in array.elements {
                switch element {
                case .array(let inner): all += inner.elements
                case .object(let inner): all += inner.pairs.map(\.value)
                default: break
                }
            }
            return .array(ExpressionArray(filtered: all))
        default: return .array(ExpressionArray(filtered: []))
        }
    }

    // MARK: - Functions

    private mutating func call(
        _ function: ExpressionFunction, _ arguments: [ExpressionNode]
    ) throws(ExpressionError) -> ExpressionValue {
        switch function {
        case .format:
            let pattern = try FormatPattern(try evaluate(arguments[0]).text)
            return try format(pattern, arguments.dropFirst())
        case .case: return try choose(arguments)
        case .contains:
            let whole = try evaluate(arguments[0])
            let part = try evaluate(arguments[1])
            switch whole {
            case .array(let array): return .boolean(array.elements.contains { $0.isEqual(to: part) })
            case .object: return .boolean(false)
            default: return .boolean(Self.search(whole, part, OrdinalText.contains))
            }
        case .startsWith:
            return .boolean(
                Self.search(try evaluate(arguments[0]), try evaluate(arguments[1]), OrdinalText.hasPrefix))
        case .endsWith:
            return .boolean(
                Self.search(try evaluate(arguments[0]), try evaluate(arguments[1]), OrdinalText.hasSuffix))
        case .join: return try join(arguments)
        case .toJSON:
            let text = try evaluate(arguments[0]).json(pretty: true, limit: memory / 2 * 3)
            guard let text else { throw Self.memoryExceeded }
            return try produced(text)
        case .fromJSON:
            let text = try evaluate(arguments[0]).text
            try spend(text.utf16.count)
            return try ExpressionValue(json: text)
        }
    }

    /// Both as text; arrays and objects have none.
    private static func search(
        _ whole: ExpressionValue, _ part: ExpressionValue, _ body: (String, String) -> Bool
    ) -> Bool {
        switch (whole, part) {
        case (.array, _), (.object, _), (_, .array), (_, .object): false
        default: body(whole.text, part.text)
        }
    }

    private mutating func join(_ arguments: [ExpressionNode]) throws(ExpressionError) -> ExpressionValue {
        let items = try evaluate(arguments[0])
        switch items {
        case .array(let array):
            var separator = ","
            if array.elements.count > 1, arguments.count > 1 {
                switch try evaluate(arguments[1]) {
                case .array, .object: break
                case let value: separator = value.text
                }
            }
            var out = ""
            for (at, element) in array.elements.enumerated() {
                if at > 0 { out += separator }
                out += element.text
                if isBeyondMemory(out) { throw Self.memoryExceeded }
            }
            return try produced(out)
        case .object: return .string("")
        default: return .string(items.text)
        }
    }

    private mutating func choose(_ arguments: [ExpressionNode]) throws(ExpressionError) -> ExpressionValue {
        for at in stride(from: 0, to: arguments.count - 1, by: 2) {
            guard case .boolean(let holds) = try evaluate(arguments[at]) else {
                throw ExpressionError(.evaluation, "case predicate must evaluate to a boolean value")
            }
            if holds { return try evaluate(arguments[at + 1]) }
        }
        return try evaluate(arguments[arguments.count - 1])
    }

    private mutating func format(
        _ pattern: FormatPattern, _ arguments: ArraySlice<ExpressionNode>
    ) throws(ExpressionError) -> ExpressionValue {
        var texts: [Int: String] = [:]
        var out = ""
        for piece in pattern.pieces {
            switch piece {
            case .text(let text): out += text
            case .argument(let at, let specifiers):
                guard at < arguments.count else {
                    throw ExpressionError(
                        .evaluation,
                        "The following format string references more arguments than were supplied: \(pattern.source)")
                }
                if pattern.repeatsArguments, specifiers.isEmpty, let known = texts[at] {
                    out += known
                } else {
                    let value = try evaluate(arguments[arguments.startIndex + at])
                    if !specifiers.isEmpty {
                        throw ExpressionError(
                            .evaluation,
                            "The format specifiers '\(specifiers)' are not valid for objects of type '\(value.kindName)'"
                        )
                    }
                    let text = value.text
                    if pattern.repeatsArguments { texts[at] = text }
                    out += text
                }
            }
            if isBeyondMemory(out) { throw Self.memoryExceeded }
        }
        return try produced(out)
    }

    // MARK: - Memory

    static let memoryExceeded = ExpressionError(.evaluation, "The maximum allowed memory size was exceeded")

    /// Certainly; a quick look at a text that still grows. A unit is at most 3 bytes of UTF-8.
    private func isBeyondMemory(_ text: String) -> Bool {
        text.utf8.count / 3 > memory / 2
    }

    /// Units of UTF-16, of two bytes each, as GitHub counts them.
    private mutating func spend(_ units: Int) throws(ExpressionError) {
        memory -= 26 + 2 * units
        if memory < 0 { throw Self.memoryExceeded }
    }

    private mutating func produced(_ text: String) throws(ExpressionError) -> ExpressionValue {
        try spend(text.utf16.count)
        return .string(text)
    }
}
