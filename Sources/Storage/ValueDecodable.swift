/// A type that a column's value can be read as.
public protocol ValueDecodable {
    /// Nil if the value is not of this type.
    init?(_ value: Value)
}

extension Int64: ValueDecodable {
    @inlinable
    public init?(_ value: Value) {
        guard case .integer(let integer) = value else { return nil }
        self = integer
    }
}

extension Int: ValueDecodable {
    @inlinable
    public init?(_ value: Value) {
        guard case .integer(let integer) = value else { return nil }
        self.init(exactly: integer)
    }
}

/// SQLite: the integers 0 and 1, nothing else.
extension Bool: ValueDecodable {
    @inlinable
    public init?(_ value: Value) {
        switch value {
        case .boolean(let boolean): self = boolean
        case .integer(0): self = false
        case .integer(1): self = true
        default: return nil
        }
    }
}

/// An integer that a double holds exactly is accepted (SQLite stores `1.0` in an untyped column as it came).
extension Double: ValueDecodable {
    @inlinable
    public init?(_ value: Value) {
        switch value {
        case .double(let double): self = double
        case .integer(let integer): self.init(exactly: integer)
        default: return nil
        }
    }
}

extension String: ValueDecodable {
    @inlinable
    public init?(_ value: Value) {
        guard case .text(let text) = value else { return nil }
        self = text
    }
}

/// A text's UTF-8 is accepted too.
extension [UInt8]: ValueDecodable {
    @inlinable
    public init?(_ value: Value) {
        switch value {
        case .blob(let bytes): self = bytes
        case .text(let text): self = Array(text.utf8)
        default: return nil
        }
    }
}

/// SQLite: an integer, microseconds since the epoch.
extension Timestamp: ValueDecodable {
    @inlinable
    public init?(_ value: Value) {
        switch value {
        case .timestamp(let timestamp): self = timestamp
        case .integer(let integer): self.init(microseconds: integer)
        default: return nil
        }
    }
}

extension Value: ValueDecodable {
    @inlinable
    public init?(_ value: Value) {
        self = value
    }
}

extension Optional: ValueDecodable where Wrapped: ValueDecodable {
    @inlinable
    public init?(_ value: Value) {
        if case .null = value {
            self = .none
            return
        }
        guard let wrapped = Wrapped(value) else { return nil }
        self = wrapped
    }
}
