/// A message about a place of the code, made by a workflow command.
public struct Annotation: Sendable, Equatable {
    public enum Level: String, Sendable {
        case error, warning, notice
    }

    public var level: Level
    public var message: String
    public var title: String?
    public var file: String?
    public var line: Int64?
    public var endLine: Int64?
    public var column: Int64?
    public var endColumn: Int64?

    public init(_ level: Level, _ message: String) {
        self.level = level
        self.message = message
    }
}
