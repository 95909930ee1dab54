internal import WorkflowSyntax

/// One problem matcher of a file in GitHub's format: `{"problemMatcher": [{"owner": …, "pattern": [{"regexp": …}]}]}`.
struct ProblemMatcherConfig: Sendable {
    /// One pattern; numbers are those of groups.
    struct Pattern: Sendable {
        var regexp: String
        var groups: [ProblemMatch.Field: Int]
        var isLoop: Bool
    }

    var owner: String
    /// Of a match that has none: `error`, `warning`, `notice`, or empty.
    var severity: String
    var patterns: [Pattern]

    /// Throws ``ExecutionError`` for what is no JSON, or a matcher that cannot work.
    static func read(_ json: String) throws(ExecutionError) -> [ProblemMatcherConfig] {
        let value: ExpressionValue
        do {
            value = try ExpressionValue(json: json)
        } catch {
            throw ExecutionError("the problem matchers are not JSON: \(error.message)")
        }
        guard case .object(let root) = value, case .array(let list)? = root["problemMatcher"] else { return [] }
        var configs: [ProblemMatcherConfig] = []
        for element in list.elements {
            let config = try ProblemMatcherConfig(element)
            guard !configs.contains(where: { $0.owner.lowercased() == config.owner.lowercased() }) else {
                throw ExecutionError("Duplicate owner name '\(config.owner)'")
            }
            configs.append(config)
        }
        return configs
    }

    private init(_ value: ExpressionValue) throws(ExecutionError) {
        guard case .object(let object) = value else { throw ExecutionError("a problem matcher is not an object") }
        owner = object["owner"]?.text ?? ""
        severity = object["severity"]?.text.lowercased() ?? ""
        guard !owner.isEmpty else { throw ExecutionError("Owner must not be empty") }
        guard ["", "error", "warning", "notice"].contains(severity) else {
            throw ExecutionError("Matcher '\(owner)' contains unexpected default severity '\(severity)'")
        }
        guard case .array(let list)? = object["pattern"], !list.elements.isEmpty else {
            throw ExecutionError("Matcher '\(owner)' does not contain any patterns")
        }
        patterns = []
        var seen: Set<ProblemMatch.Field> = []
        for (index, element) in list.elements.enumerated() {
            let pattern = try Self.pattern(element)
            if pattern.isLoop, index == 0 || index < list.elements.count - 1 {
                throw ExecutionError("Only the last pattern in a multiline matcher may set 'loop'")
            }
            for field in pattern.groups.keys where !seen.insert(field).inserted {
                throw ExecutionError("The property '\(field.rawValue)' is set twice")
            }
            patterns.append(pattern)
        }
        guard seen.contains(.message) else { throw ExecutionError("At least one pattern must set 'message'") }
    }

    private static func pattern(_ value: ExpressionValue) throws(ExecutionError) -> Pattern {
        guard case .object(let object) = value else { throw ExecutionError("a pattern is not an object") }
        let regexp = object["regexp"]?.text ?? ""
        let count = try RegexCompiler.compile(regexp).groups
        var groups: [ProblemMatch.Field: Int] = [:]
        for field in ProblemMatch.Field.allCases {
            guard let given = object[field.rawValue], case .number(let number) = given else { continue }
            guard number >= 0, number < Double(count), number == number.rounded() else {
                throw ExecutionError(
                    "The property '\(field.rawValue)' is set to \(given.text), but the pattern has \(count) groups")
            }
            groups[field] = Int(number)
        }
        let isLoop = object["loop"]?.isTruthy ?? false
        if isLoop, groups[.message] == nil { throw ExecutionError("The loop pattern must set 'message'") }
        return Pattern(regexp: regexp, groups: groups, isLoop: isLoop)
    }
}
