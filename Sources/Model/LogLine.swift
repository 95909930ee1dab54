/// One line that a step wrote, masked.
public struct LogLine: Sendable, Equatable {
    public enum Stream: String, Sendable {
        case stdout, stderr
        /// What plue itself says of a step: its command, its environment, why it failed.
        case system
    }

    /// The number of the step, 1-based.
    public var step: Int64
    public var stream: Stream
    /// Microseconds since the epoch.
    public var microseconds: Int64
    public var text: String

    public init(step: Int64, stream: Stream, microseconds: Int64, text: String) {
        self.step = step
        self.stream = stream
        self.microseconds = microseconds
        self.text = text
    }
}
