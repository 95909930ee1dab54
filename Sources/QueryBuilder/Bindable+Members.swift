public import Storage

// So that `.now`, `.null`, `.integer(1)` and the like can be written where a `Bindable` is expected.

extension Bindable where Self == SQL {
    /// The database's clock at the moment of evaluation.
    public static var now: SQL { SQL([.now]) }

    /// The database's clock and that much more, or less; whole microseconds.
    public static func now(plus duration: Duration) -> SQL {
        let (seconds, attoseconds) = duration.components
        return SQL([.later(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)])
    }

    /// The database's clock, or `column`'s value if that is later: a clock that jumps back, or a lock wait, never makes
    /// a time precede the one it must follow. A NULL column does not count.
    public static func clampedNow(after column: StaticString) -> SQL { SQL([.clampedNow(column)]) }

    /// JSON text: `json` in PostgreSQL, text in SQLite. It is not checked here.
    public static func json(_ text: String) -> SQL { SQL([.json(text)]) }

    /// What follows a parameter or column whose text is JSON: `\(term)\(.jsonCast)`.
    public static var jsonCast: SQL { SQL([.jsonCast]) }

    /// The month of a moment in UTC as a number, YYYYMM.
    public static func month(of moment: SQL) -> SQL { SQL([.month(moment.parts)]) }

    /// The keys that a query of one column gives, after `IN`: read first, and then each looked up. What is written as
    /// `IN (SELECT …)` may be joined the other way, by reading all of the table that the keys are of.
    public static func keys(_ query: Select) -> SQL { SQL([.keys(query)]) }

    /// A fragment.
    public static func sql(_ fragment: SQL) -> SQL { fragment }
}

extension Bindable where Self == Term {
    public static var null: Term { Term(Value.null) }
    public static func integer(_ value: Int64) -> Term { Term(Value.integer(value)) }
    public static func text(_ value: String) -> Term { Term(Value.text(value)) }
    public static func boolean(_ value: Bool) -> Term { Term(Value.boolean(value)) }
    public static func blob(_ value: [UInt8]) -> Term { Term(Value.blob(value)) }
    public static func double(_ value: Double) -> Term { Term(Value.double(value)) }
    public static func timestamp(_ value: Timestamp) -> Term { Term(Value.timestamp(value)) }
}
