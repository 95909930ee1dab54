/// A located node of a workflow or action file after scalars are resolved and `${{ }}` is recognised
/// (GitHub's "template token"). A text with expressions inside is one `expression` that calls `format`.
public struct TemplateToken: Sendable {
    public enum Kind: Sendable {
        case null
        case boolean(Bool)
        case number(Double)
        case string(String)
        /// A parsed expression, without `${{ }}`. Rare, and larger than the others.
        indirect case expression(Expression)
        case sequence([TemplateToken])
        /// Pairs in source order; a key is a `string`, an `expression` or `insert`.
        case mapping([Pair])
        /// The key `${{ insert }}`: the value, a mapping, is merged into the one around it.
        case insert
    }

    public struct Pair: Sendable {
        public var key: TemplateToken
        public var value: TemplateToken

        public init(key: TemplateToken, value: TemplateToken) {
            self.key = key
            self.value = value
        }
    }

    public var kind: Kind
    public var position: SourcePosition

    public init(_ kind: Kind, at position: SourcePosition) {
        self.kind = kind
        self.position = position
    }
}
