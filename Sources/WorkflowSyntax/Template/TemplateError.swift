/// Why a template could not be evaluated.
public struct TemplateError: Error, Sendable, Equatable {
    public var message: String
    public var position: SourcePosition

    public init(_ message: String, at position: SourcePosition) {
        self.message = message
        self.position = position
    }
}
