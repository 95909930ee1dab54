internal import Hashing
internal import Storage
internal import WorkflowSyntax

/// The lines of an export: JSON, one value a line, the same whichever database it came from.
///
///     {"plue":"export","format":1,"migration":"0003_secrets"}
///     {"table":"actions_repositories","columns":["id","location",…]}
///     [1,"octo/cat",…]
///     {"end":"actions_repositories","rows":1,"sha256":"…"}
///     {"end":"export","tables":30}
///
/// Booleans are 0 and 1, moments microseconds since the epoch, bytes `{"x":"hexadecimal digits"}`; an integer that a
/// double does not hold is `{"i":"digits"}`. The digest is that of the table's row lines, each with its line feed.
enum TransferFormat {
    static let version = 1
    /// Bytes of a line: the largest column, an event's payload, has 25 MiB, which JSON makes 50 at most.
    static let lineLimit = 64 << 20

    /// Throws ``ServiceError`` with the line's number.
    static func json(_ line: [UInt8], _ number: Int) throws(ServiceError) -> ExpressionValue {
        do {
            return try ExpressionValue(json: String(decoding: line, as: UTF8.self))
        } catch {
            let start = String(decoding: line.prefix(60), as: UTF8.self)
            throw failure(number, "it is no JSON, the file is damaged or cut: \(start)")
        }
    }

    static func failure(_ number: Int, _ message: String) -> ServiceError {
        ServiceError(.conflict, "line \(number) of the export", message)
    }

    /// A value as the file has it, whatever its database's type.
    static func append(_ value: Value, to line: inout [UInt8]) throws(StorageError) {
        switch value {
        case .boolean(let boolean): line += (boolean ? "1" : "0").utf8
        case .timestamp(let time): line += String(time.microseconds).utf8
        case .integer(let integer) where integer.magnitude > 1 << 53: line += #"{"i":"\#(integer)"}"#.utf8
        case .blob(let bytes): line += #"{"x":"\#(SHA256.hex(bytes))"}"#.utf8
        case .text(let text) where text.utf8.contains(0):
            throw StorageError(.invalidValue, "a text with a NUL cannot be exported: PostgreSQL could not hold it")
        default: try JSONText.append(value, to: &line)
        }
    }

    /// A value of a row line as a column of that kind takes it. Throws ``ServiceError`` with the line's number.
    static func value(
        _ json: ExpressionValue, as kind: ColumnInfo.Kind, _ number: Int
    ) throws(ServiceError) -> Value {
        switch (json, kind) {
        case (.null, _): return .null
        case (.number(let value), .boolean): return .boolean(value != 0)
        case (.number(let value), .double): return .double(value)
        case (.number(let value), .timestamp):
            if let exact = Int64(exactly: value) { return .timestamp(Timestamp(microseconds: exact)) }
        case (.number(let value), .integer):
            if let exact = Int64(exactly: value) { return .integer(exact) }
        case (.string(let text), .text), (.string(let text), .json): return .text(text)
        case (.object(let object), .integer):
            if let digits = object["i"]?.text, let exact = Int64(digits) { return .integer(exact) }
        case (.object(let object), .blob):
            if let digits = object["x"]?.text, let bytes = bytes(digits) { return .blob(bytes) }
        default: break
        }
        throw failure(number, "the value \(json.json(pretty: false).prefix(40)) is not of kind \(kind)")
    }

    private static func bytes(_ digits: String) -> [UInt8]? {
        let digits = Array(digits.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

/// Rows and digest of one table, to compare databases by.
public struct TableDigest: Sendable, Hashable {
    public var table: String
    public var rows: Int
    /// 64 hexadecimal digits.
    public var sha256: String
}
