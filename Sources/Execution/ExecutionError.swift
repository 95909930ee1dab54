/// Why a step or a job could not be executed: what, and what to do.
public struct ExecutionError: Error, Sendable, CustomStringConvertible {
    public var message: String

    public init(_ message: String) {
        self.message = message
    }

    public var description: String { message }
}
