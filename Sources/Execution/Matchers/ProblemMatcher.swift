/// Looks for problems in the lines of one step's output.
struct ProblemMatcher {
    let owner: String
    private let severity: String
    private let patterns: [ProblemPattern]
    /// What each pattern but the last found, while the lines before fit.
    private var state: [ProblemMatch?]

    /// Throws ``ExecutionError`` when a pattern cannot be compiled.
    init(_ config: ProblemMatcherConfig) throws(ExecutionError) {
        owner = config.owner
        severity = config.severity
        var patterns: [ProblemPattern] = []
        for pattern in config.patterns { patterns.append(try ProblemPattern(pattern)) }
        self.patterns = patterns
        state = Array(repeating: nil, count: max(0, patterns.count - 1))
    }

    mutating func reset() {
        for index in state.indices { state[index] = nil }
    }

    /// The problem that this line completes, or nil.
    mutating func match(_ line: String) -> ProblemMatch? {
        for index in patterns.indices.reversed() {
            let earlier = index > 0 ? state[index - 1] : nil
            guard index == 0 || earlier != nil else { continue }
            let isLast = index == patterns.count - 1
            let found = patterns[index].match(line, after: earlier)
            if !isLast {
                state[index] = found
            } else if var found {
                reset()
                if patterns[index].isLoop, index > 0 { state[index - 1] = earlier }
                if found[.severity] ?? "" == "", !severity.isEmpty { found.values[.severity] = severity }
                return found
            } else if index > 0 {
                state[index - 1] = nil
            }
        }
        return nil
    }
}
