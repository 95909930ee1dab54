/// Something that was changed in the audit log after it was sealed, and where.
public struct AuditProblem: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        /// A row or its body is not what was sealed.
        case edited
        /// A row, a body or a leaf is gone.
        case deleted
        /// A row was put among sealed ones.
        case inserted
        /// Rows changed places.
        case reordered
        /// The end is missing.
        case truncated
        /// Rows and leaves fit each other, but not the root that was signed.
        case rewritten
        /// A checkpoint is not what a key of the installation signed.
        case checkpoint
        /// A row among the signing keys that is none of the installation's. It proves nothing, but somebody put it there.
        case key
    }

    public var kind: Kind
    /// Of the row in the log, where one row is meant.
    public var auditID: Int64?
    /// The leaves among which it is.
    public var leaves: Range<Int64>?
    public var message: String
}
