internal import Model

/// The group that `runs-on` names, as an entry of the job's label set: so whether a runner holds a set decides about
/// groups too, in the memory of a process, and a claim reads and compares nothing more. The entry begins with a control
/// character, which no runner's label may hold; a job that writes it as a label says what `group` says.
public enum GroupLabel {
    private static let prefix = "\u{1f}group:"

    /// A name may begin with `org/` or `ent/` where an organization and the installation have groups of one name.
    static func entry(_ name: String) -> String { prefix + name.lowercased() }

    /// What the runners of a group have.
    static func entries(of group: RunnerGroup) -> [String] {
        [entry(group.name), entry((group.organizationID == nil ? "ent/" : "org/") + group.name)]
    }

    /// Nil for a label.
    static func group(of entry: String) -> String? {
        entry.hasPrefix(prefix) ? String(entry.dropFirst(prefix.count)) : nil
    }

    /// An entry of a label set for people: the label, or `group NAME`.
    public static func text(_ entry: String) -> String { group(of: entry).map { "group \($0)" } ?? entry }
}

extension Runner {
    /// What the entries of a job's label set are compared with: its labels and its group.
    var entries: Set<String> { Set(labels).union(group.map(GroupLabel.entries) ?? []) }
}
