/// How large a run may grow by calls of reusable workflows.
public enum CallLimits {
    /// Levels, the caller's included (GitHub's limit).
    public static let depth = 10
    /// Different files that a run calls (GitHub's limit).
    public static let files = 50
    /// Jobs of a run, those of calls and legs of matrices included. GitHub tells no such limit; without one ten levels
    /// of a few calls each never end.
    public static let jobs = 10_000
}
