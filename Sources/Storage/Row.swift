/// One row of a result. Values are read by column name and the type that the context asks for:
///
///     let id: Int64 = try row["id"]
///     let name: String? = try row["name"]
///     let status: RunStatus = try row["status"]
///
/// Every error is a `StorageError` of code `decoding` whose subject is the column.
public struct Row: Sendable {
    public let columns: Columns
    @usableFromInline let values: [Value]
    @usableFromInline let offset: Int

    /// The value as the driver gave it.
    @inlinable
    public func value(_ column: String) throws(StorageError) -> Value {
        values[offset + (try columns.position(of: column))]
    }

    // Compiled where it is used: as a generic function a value took ten times as long.
    @inlinable
    public subscript<T: ValueDecodable>(_ column: String) -> T {
        get throws(StorageError) {
            let value = try value(column)
            guard let result = T(value) else { throw Self.mismatch(column, value, "\(T.self)") }
            return result
        }
    }

    /// A string enum; a raw value that it does not know is an error that names the column and the value.
    @_disfavoredOverload
    public subscript<T: RawRepresentable>(_ column: String) -> T where T.RawValue == String {
        get throws(StorageError) {
            let value = try value(column)
            guard case .text(let raw) = value else { throw Self.mismatch(column, value, "\(T.self)") }
            return try Self.convert(raw, column)
        }
    }

    /// A string enum, nil for NULL.
    @_disfavoredOverload
    public subscript<T: RawRepresentable>(_ column: String) -> T? where T.RawValue == String {
        get throws(StorageError) {
            let value = try value(column)
            switch value {
            case .null: return nil
            case .text(let raw): return try Self.convert(raw, column)
            default: throw Self.mismatch(column, value, "\(T.self)")
            }
        }
    }

    private static func convert<T: RawRepresentable>(_ raw: String, _ column: String) throws(StorageError) -> T
    where T.RawValue == String {
        guard let result = T(rawValue: raw) else {
            throw StorageError(.decoding, subject: column, "column \(column): \"\(raw)\" is not a \(T.self)")
        }
        return result
    }

    @usableFromInline
    static func mismatch(_ column: String, _ value: Value, _ type: String) -> StorageError {
        StorageError(.decoding, subject: column, "column \(column): \(value.kind) cannot be read as \(type)")
    }
}
