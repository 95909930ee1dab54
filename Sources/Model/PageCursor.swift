/// A place in a list of that type: what comes after it is asked for next, whatever is added or removed meanwhile.
public struct PageCursor<Element>: Sendable, Hashable {
    /// The key of the last element before it.
    public let position: Int64

    public init(_ position: Int64) {
        self.position = position
    }
}

extension PageCursor: LosslessStringConvertible {
    /// Nil for a text that is not a cursor.
    public init?(_ text: String) {
        guard let position = Int64(text), position >= 0 else { return nil }
        self.init(position)
    }

    public var description: String { String(position) }
}
