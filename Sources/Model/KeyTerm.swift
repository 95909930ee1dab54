public import Storage

/// One key that wraps the data keys of values.
public struct KeyTerm: Sendable, Hashable {
    public enum State: String, Sendable {
        /// Of values that a rotation has not come to yet.
        case readable
        /// New values are wrapped by it.
        case active
        /// No value is.
        case retired
    }

    /// Counts from 1.
    public var term: Int64
    public var state: State
    /// Values that are stored under it.
    public var values: Int64
    /// Values that it wrapped so far. From 2^20 on a rotation is due, at 2^24 it wraps no more.
    public var wraps: Int64
    public var createdAt: Timestamp
    public var activatedAt: Timestamp?
    public var retiredAt: Timestamp?

    public init(
        term: Int64, state: State, values: Int64, wraps: Int64, createdAt: Timestamp, activatedAt: Timestamp?,
        retiredAt: Timestamp?
    ) {
        self.term = term
        self.state = state
        self.values = values
        self.wraps = wraps
        self.createdAt = createdAt
        self.activatedAt = activatedAt
        self.retiredAt = retiredAt
    }

    public var isRotationDue: Bool { state == .active && wraps >= 1 << 20 }
}
