/// How long a process that was told to stop may take before the next signal.
struct StopIntervals: Sendable {
    /// From SIGINT to SIGTERM.
    var interrupt: Duration
    /// From SIGTERM to SIGKILL.
    var terminate: Duration

    /// GitHub's.
    static let standard = StopIntervals(interrupt: .milliseconds(7_500), terminate: .milliseconds(2_500))
}
