/// One regular expression of a problem matcher, compiled.
struct ProblemPattern {
    private let regex: RegexProgram
    private let groups: [ProblemMatch.Field: Int]
    let isLoop: Bool

    /// Throws ``ExecutionError`` when it cannot be compiled.
    init(_ pattern: ProblemMatcherConfig.Pattern) throws(ExecutionError) {
        regex = try RegexCompiler.compile(pattern.regexp)
        groups = pattern.groups
        isLoop = pattern.isLoop
    }

    /// What the line gives, beneath what earlier lines gave; nil when it does not match.
    func match(_ line: String, after earlier: ProblemMatch?) -> ProblemMatch? {
        guard let found = regex.firstMatch(in: line) else { return nil }
        var match = ProblemMatch()
        for (field, group) in groups where group < found.count { match.values[field] = found[group] ?? "" }
        if let earlier { match.values.merge(earlier.values) { _, old in old } }
        return match
    }
}
