/// Why an expression was refused or could not be evaluated.
public struct ExpressionError: Error, Sendable, Equatable {
    /// When it was found: `lexing` and `parsing` before anything is evaluated.
    public enum Kind: Sendable {
        case lexing
        case parsing
        case evaluation
    }

    public var kind: Kind
    /// The whole message; of a refused expression it ends in `. Located at position N within expression: EXPR`.
    public var message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
