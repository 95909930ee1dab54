/// A just-in-time runner, and what starts it.
public struct JITRunner: Sendable, Hashable {
    public var runner: Runner
    /// Secret, and not to be had again.
    public var encodedConfig: String
}
