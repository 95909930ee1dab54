/// A part of a list, and where the next one begins.
public struct Page<Element: Sendable>: Sendable {
    public var items: [Element]
    /// Nil after the last part.
    public var next: PageCursor<Element>?

    public init(items: [Element], next: PageCursor<Element>?) {
        self.items = items
        self.next = next
    }

    /// Of `limit` elements, from one element more than that where there are more.
    public init(_ found: [Element], limit: Int, position: (Element) -> Int64) {
        items = Array(found.prefix(limit))
        next = found.count > limit ? items.last.map { PageCursor(position($0)) } : nil
    }

    /// The same part of a list of something else.
    public func map<Other: Sendable>(_ transform: (Element) throws -> Other) rethrows -> Page<Other> {
        Page<Other>(items: try items.map(transform), next: next.map { PageCursor<Other>($0.position) })
    }
}
