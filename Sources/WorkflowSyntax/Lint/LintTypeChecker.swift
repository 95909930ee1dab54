/// Infers the type of an expression and collects what cannot work. It reports only what is certain: whatever a run
/// decides is of type any.
struct LintTypeChecker {
    struct Finding {
        var code: LintCode
        var message: String
        var hint: String?
    }

    /// A context that is not listed is any.
    let contexts: LintScope
    private(set) var findings: [Finding] = []

    init(_ contexts: LintScope) {
        self.contexts = contexts
    }

    mutating func infer(_ node: ExpressionNode) -> LintType {
        switch node {
        case .literal(let value): return LintType(value)
        case .context(let name): return contexts[name] ?? .any
        case .property(let base, let name): return property(infer(base), name)
        case .index(let base, let key): return index(infer(base), infer(key))
        case .filter(let base): return filter(infer(base))
        case .not(let operand):
            _ = infer(operand)
            return .boolean
        case .compare(let comparison, let left, let right):
            compare(comparison, infer(left), infer(right))
            return .boolean
        case .all(let nodes): return all(nodes)
        case .any(let nodes): return any(nodes)
        case .call(let function, let arguments): return call(function, arguments)
        case .format(let pattern, let arguments):
            for argument in arguments { _ = infer(argument) }
            format(pattern, arguments.count)
            return .string
        case .contextual(let name, let arguments):
            for argument in arguments { _ = infer(argument) }
            return name == "hashfiles" ? .string : .boolean
        }
    }

    /// `a && b` is `b`, or an `a` that is false in some way.
    private mutating func all(_ nodes: [ExpressionNode]) -> LintType {
        let types = nodes.map { infer($0) }
        guard let last = types.last else { return .any }
        return types.dropLast().reduce(last) { $0.merged(with: $1) }
    }

    /// `matrix.os || 'linux'` is how a property that may be absent is written: it is no mistake there.
    private mutating func any(_ nodes: [ExpressionNode]) -> LintType {
        var types: [LintType] = []
        for (at, node) in nodes.enumerated() {
            let before = findings.count
            types.append(infer(node))
            if at < nodes.count - 1, case .property = node {
                findings.removeSubrange(
                    findings[before...].partition { $0.code == .unknownProperty }..<findings.count)
            }
        }
        return LintType.common(types)
    }

    private mutating func report(_ code: LintCode, _ message: String, hint: String? = nil) {
        findings.append(Finding(code: code, message: message, hint: hint))
    }

    // MARK: - Members

    private mutating func property(_ base: LintType, _ name: String) -> LintType {
        switch base {
        case .any: return .any
        case .object(let object):
            if let type = object[name] ?? object.rest { return type }
            let listed = object.names.prefix(12).joined(separator: ", ")
            let known =
                object.names.isEmpty ? "it has none" : "known are \(listed)" + (object.names.count > 12 ? ", …" : "")
            report(
                .unknownProperty, "Property '\(name)' is not defined: \(known)",
                hint: Nearest.hint(for: name, among: object.names))
            return .any
        case .filtered(let element):
            if case .object(let object) = element { return .filtered(object[name] ?? object.rest ?? .any) }
            return .filtered(.any)
        case .null, .boolean, .number, .string, .array:
            report(.noObject, "Property '\(name)' of a value of type \(base.name): it has no properties")
            return .any
        }
    }

    private mutating func index(_ base: LintType, _ key: LintType) -> LintType {
        switch base {
        case .any: return .any
        case .array(let element), .filtered(let element):
            switch key {
            case .any, .number: break
            default: report(.indexType, "The index of an array must be a number, not of type \(key.name)")
            }
            if case .filtered = base { return .filtered(.any) }
            return element
        case .object(let object):
            switch key {
            case .any, .string: break
            default: report(.indexType, "The index of an object must be a string, not of type \(key.name)")
            }
            return object.rest ?? .any
        case .null, .boolean, .number, .string:
            report(.noObject, "An index of a value of type \(base.name): it has no members")
            return .any
        }
    }

    private func filter(_ base: LintType) -> LintType {
        switch base {
        case .array(let element), .filtered(let element): .filtered(element)
        case .object(let object):
            .filtered(object.rest ?? LintType.common(object.names.compactMap { object[$0] }))
        default: .filtered(.any)
        }
    }

    // MARK: - Comparisons

    private mutating func compare(_ comparison: ExpressionNode.Comparison, _ left: LintType, _ right: LintType) {
        switch comparison {
        case .equal, .notEqual:
            if Self.isCollection(left) != Self.isCollection(right), Self.isKnown(left), Self.isKnown(right) {
                report(
                    .comparison,
                    "A value of type \(left.name) is compared with one of type \(right.name): they are never equal")
            }
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            for type in [left, right] {
                switch type {
                case .any, .number, .string: continue
                default:
                    report(.comparison, "A value of type \(type.name) has no order (\(left.name), \(right.name))")
                    return
                }
            }
        }
    }

    private static func isCollection(_ type: LintType) -> Bool {
        switch type {
        case .array, .filtered, .object: true
        default: false
        }
    }

    private static func isKnown(_ type: LintType) -> Bool {
        switch type {
        case .any, .null: false
        default: true
        }
    }

    // MARK: - Functions

    private mutating func call(_ function: ExpressionFunction, _ arguments: [ExpressionNode]) -> LintType {
        for argument in arguments { _ = infer(argument) }
        switch function {
        case .contains, .startsWith, .endsWith: return .boolean
        case .join, .toJSON: return .string
        case .case: return .any
        case .format:
            // A sound literal pattern is a node of its own.
            guard case .literal(.string(let text))? = arguments.first else { return .string }
            do throws(ExpressionError) {
                _ = try FormatPattern(text)
            } catch {
                report(.format, error.message)
            }
            return .string
        case .fromJSON:
            guard case .literal(.string(let text))? = arguments.first else { return .any }
            do throws(ExpressionError) {
                return LintType(try ExpressionValue(json: text))
            } catch {
                report(.json, error.message)
                return .any
            }
        }
    }

    private mutating func format(_ pattern: FormatPattern, _ count: Int) {
        var used: Set<Int> = []
        for case .argument(let at, _) in pattern.pieces { used.insert(at) }
        if let missing = used.sorted().first(where: { $0 >= count }) {
            report(
                .format, "The format string '\(pattern.source)' has {\(missing)}, but \(count) arguments are given")
        } else if let unused = (0..<count).first(where: { !used.contains($0) }) {
            report(.format, "The format string '\(pattern.source)' does not use its argument {\(unused)}")
        }
    }
}
