public import Model

/// What a runner says of a job while it runs. Reports are applied in order. A step, a log chunk or a summary
/// that arrives twice changes nothing; an annotation is one more.
public enum JobReport: Sendable {
    /// Microseconds since the epoch by the runner's clock.
    case stepStarted(number: Int64, name: String, contextName: String, action: String?, at: Int64)
    case stepFinished(StepResult, logFirstLine: Int64?, logLineCount: Int64, at: Int64)
    /// Lines from `firstLine`, 1-based, of the assignment's log; `sequence` and `firstByte` count from 0. Bytes are of the
    /// plain text, each line with a newline.
    case log(sequence: Int64, firstLine: Int64, firstByte: Int64, [LogLine])
    case annotation(step: Int64, Annotation)
    case summary(step: Int64, content: String)
    /// A step set a variable that decides which programs later steps run, or was refused that. Its name alone, for the
    /// audit log.
    case variable(step: Int64, name: String, isRefused: Bool)
}
