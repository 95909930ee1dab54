import Storage

/// A piece of SQL with its bindings, written as a string literal:
///
///     let mine: SQL = "repository_id = \(id) AND status IN \(["queued", "pending"]) AND created_at <= \(.now)"
///
/// Text comes from literals of the program only (`StaticString`); whatever is interpolated is a parameter, a string too.
/// So an injection cannot be written. A list is one parameter and stands after `IN` or `NOT IN`.
public struct SQL: Sendable {
    enum Part: Sendable {
        case literal(StaticString)
        /// A name from the catalogue, printed in quotes.
        case identifier(String)
        case binaryCollation
        case dialectText(String)
        case value(Value)
        /// A value that a prepared query is given when it runs.
        case argument(Int, isList: Bool)
        case json(String)
        case now
        /// The clock and that many microseconds more.
        case later(Int64)
        /// The clock, but not before this column's value.
        case clampedNow(StaticString)
        case nested([Part])
        case subquery(any Query)
        /// The keys that a query of one column gives, after `IN`.
        case keys(any Query)
        /// What follows a parameter that is JSON.
        case jsonCast
        /// Rows of one parameter as a table.
        case rowTable(RowTable, StaticString, [Part])
        /// The month of a moment, YYYYMM in UTC.
        case month([Part])
    }

    var parts: [Part]

    init(_ parts: [Part]) {
        self.parts = parts
    }

    /// `(a) AND (b) …`; true if there are none.
    public static func all(_ predicates: [SQL]) -> SQL {
        joined(predicates, " AND ", none: "1 = 1")
    }

    /// `(a) OR (b) …`; false if there are none.
    public static func any(_ predicates: [SQL]) -> SQL {
        joined(predicates, " OR ", none: "1 = 0")
    }

    private static func joined(_ predicates: [SQL], _ separator: StaticString, none: SQL) -> SQL {
        guard let first = predicates.first else { return none }
        var parts: [Part] = [.literal("("), .nested(first.parts)]
        for predicate in predicates.dropFirst() {
            parts += [.literal(")"), .literal(separator), .literal("("), .nested(predicate.parts)]
        }
        return SQL(parts + [.literal(")")])
    }
}

extension SQL: ExpressibleByStringInterpolation {
    public init(stringLiteral value: StaticString) {
        parts = [.literal(value)]
    }

    public init(stringInterpolation: StringInterpolation) {
        parts = stringInterpolation.parts
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        var parts: [Part] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            parts.reserveCapacity(interpolationCount * 2 + 1)
        }

        public mutating func appendLiteral(_ literal: StaticString) {
            if literal.utf8CodeUnitCount > 0 { parts.append(.literal(literal)) }
        }

        /// A parameter, `.now`, or another fragment.
        public mutating func appendInterpolation(_ value: some Bindable) {
            parts.append(value.term.part)
        }

        /// A string enum, as its raw value.
        @_disfavoredOverload
        public mutating func appendInterpolation<T: RawRepresentable>(_ value: T) where T.RawValue == String {
            parts.append(.value(.text(value.rawValue)))
        }

        /// A list of string enums, one parameter after `IN`.
        @_disfavoredOverload
        public mutating func appendInterpolation<T: RawRepresentable>(_ values: [T]) where T.RawValue == String {
            parts.append(.value(.texts(values.map(\.rawValue))))
        }

        /// A query in parentheses.
        public mutating func appendInterpolation(_ query: Select) {
            parts.append(.subquery(query))
        }

        /// An identifier from a literal of the program.
        public mutating func appendInterpolation(raw identifier: StaticString) {
            parts.append(.literal(identifier))
        }
    }
}
