/// What a rotation of keys did.
public struct KeyRotation: Sendable, Hashable {
    /// The active key's.
    public var term: Int64
    /// It went on with one that was interrupted.
    public var isResumed: Bool
    /// How many values it wrapped anew.
    public var values = 0
    /// Terms that no value is of any more.
    public var retired: [Int64] = []

    public init(term: Int64, isResumed: Bool) {
        self.term = term
        self.isResumed = isResumed
    }
}
