public import Model

/// The commit that a repository's schedules run: the newest of its default branch.
public enum DefaultHead: Sendable {
    /// 40 hexadecimal digits.
    case commit(String)
    /// The last one that was pushed, as the database knows it.
    case stored
    /// There is none, for this reason: a phrase for people. The occurrence makes no run.
    case unknown(String)
    /// This process cannot know it: the occurrence is left to another.
    case elsewhere

    /// Asks for it, before the transaction that needs it.
    public typealias Source = @Sendable (Repository) async -> DefaultHead
}
