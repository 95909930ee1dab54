/// Patterns in their order, as one filter of a trigger.
public struct FilterList: Sendable {
    public let patterns: [FilterPattern]

    /// Patterns as the file gives them.
    public init(_ patterns: [String]) {
        self.patterns = patterns.map(FilterPattern.init)
    }

    /// Whether the last pattern that matches includes the name (`branches`, `tags`, `paths`).
    public func includes(_ name: String) -> Bool {
        patterns.last { $0.matches(name) }.map { !$0.isNegated } ?? false
    }

    /// For names of an including filter: one that is included is enough.
    public func runs(including names: [String]) -> Bool {
        names.contains(where: includes)
    }

    /// For names of an ignoring filter: the run is left out only when every name is matched.
    public func runs(ignoring names: [String]) -> Bool {
        names.isEmpty || !names.allSatisfy(includes)
    }
}
