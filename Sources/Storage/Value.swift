/// A value that goes to or comes from a database.
///
/// | case | SQLite | PostgreSQL |
/// | --- | --- | --- |
/// | boolean | INTEGER 0 / 1 | boolean |
/// | integer | INTEGER | bigint |
/// | double | REAL (NaN is refused: SQLite would store NULL) | double precision |
/// | text | TEXT | text (a NUL is refused there) |
/// | blob | BLOB | bytea |
/// | timestamp | INTEGER, microseconds since the epoch | timestamptz |
/// | integers, texts | one parameter: a JSON array for `json_each` | one parameter: an array for `= ANY` |
///
/// SQLite gives back integers for booleans and timestamps; `Row` decodes them. Text that is not valid UTF-8 comes back
/// as `blob`, so that decoding it as a string is an error and its bytes stay readable.
public enum Value: Sendable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case double(Double)
    case text(String)
    case blob([UInt8])
    case timestamp(Timestamp)
    case integers([Int64])
    case texts([String])

    /// The case's name, for messages.
    public var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "boolean"
        case .integer: "integer"
        case .double: "double"
        case .text: "text"
        case .blob: "blob"
        case .timestamp: "timestamp"
        case .integers: "integers"
        case .texts: "texts"
        }
    }
}
