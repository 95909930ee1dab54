public import Storage

/// Something that stands for a value in a statement: a Swift value, which becomes a parameter, the clock, or a fragment.
public protocol Bindable: Sendable {
    var term: Term { get }
}

/// What a `Bindable` becomes.
public struct Term: Sendable {
    let part: SQL.Part

    init(_ part: SQL.Part) {
        self.part = part
    }

    /// A parameter.
    public init(_ value: Value) {
        part = .value(value)
    }
}

extension Term: Bindable {
    public var term: Term { self }
}

extension Value: Bindable {
    public var term: Term { Term(self) }
}

extension Int64: Bindable {
    public var term: Term { Term(.integer(self)) }
}

extension Int: Bindable {
    public var term: Term { Term(.integer(Int64(self))) }
}

extension Int32: Bindable {
    public var term: Term { Term(.integer(Int64(self))) }
}

extension Bool: Bindable {
    public var term: Term { Term(.boolean(self)) }
}

extension Double: Bindable {
    public var term: Term { Term(.double(self)) }
}

extension String: Bindable {
    public var term: Term { Term(.text(self)) }
}

extension Substring: Bindable {
    public var term: Term { Term(.text(String(self))) }
}

extension Timestamp: Bindable {
    public var term: Term { Term(.timestamp(self)) }
}

extension SQL: Bindable {
    public var term: Term { Term(parts.count == 1 ? parts[0] : .nested(parts)) }
}

extension Optional: Bindable where Wrapped: Bindable {
    public var term: Term { self?.term ?? Term(.null) }
}

/// `[UInt8]` is a blob; `[Int64]`, `[Int]` and `[String]` are lists, each one parameter.
extension Array: Bindable where Element: ListElement {
    public var term: Term { Term(Element.list(self)) }
}

/// What an array may hold to be bound.
public protocol ListElement: Sendable {
    static func list(_ elements: [Self]) -> Value
}

extension UInt8: ListElement {
    public static func list(_ elements: [UInt8]) -> Value { .blob(elements) }
}

extension Int64: ListElement {
    public static func list(_ elements: [Int64]) -> Value { .integers(elements) }
}

extension Int: ListElement {
    public static func list(_ elements: [Int]) -> Value { .integers(elements.map(Int64.init)) }
}

extension String: ListElement {
    public static func list(_ elements: [String]) -> Value { .texts(elements) }
}

/// A string enum needs only to declare the conformance.
extension Bindable where Self: RawRepresentable, RawValue == String {
    public var term: Term { Term(.text(rawValue)) }
}
