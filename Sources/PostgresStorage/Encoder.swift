import CLibPQ
import Storage

/// Values in PostgreSQL's binary form.
enum Encoder {
    /// The type that a parameter is declared as; text and null leave it to the server.
    static func declaredType(_ value: Value) -> Oid {
        switch value {
        case .null, .text: TypeOID.unspecified
        case .boolean: TypeOID.bool
        case .integer: TypeOID.int8
        case .double: TypeOID.float8
        case .blob: TypeOID.bytea
        case .timestamp: TypeOID.timestamptz
        case .integers: TypeOID.int8Array
        case .texts: TypeOID.textArray
        }
    }

    /// Whether `value` goes without loss to a parameter of the type `actual`, which was declared as `declared`. An
    /// inferred type that is not known yet takes what needs none.
    static func fits(_ value: Value, declared: Oid, actual: Oid) -> Bool {
        switch value {
        case .null: return true
        case .text: return declared == TypeOID.unspecified
        case .integer(let integer):
            switch actual {
            case TypeOID.int8: return true
            case TypeOID.int4: return Int32(exactly: integer) != nil
            case TypeOID.int2: return Int16(exactly: integer) != nil
            case TypeOID.float8: return Double(exactly: integer) != nil
            default: return false
            }
        default: return actual == declaredType(value)
        }
    }

    /// Whether COPY can put `value` into a column of this type: nothing is converted there.
    static func fitsColumn(_ value: Value, _ type: Oid) -> Bool {
        switch value {
        case .text:
            return [
                TypeOID.text, TypeOID.varchar, TypeOID.bpchar, TypeOID.json, TypeOID.jsonb, TypeOID.name,
            ].contains(type)
        default: return fits(value, declared: type, actual: type)
        }
    }

    static func append(_ value: Value, type: Oid, to parameters: inout Parameters) throws(StorageError) {
        switch value {
        case .null: parameters.appendNull()
        case .text(let text):
            try check(text)
            parameters.append(text: text)
        case .integer(let integer) where type == TypeOID.int8: parameters.append(integer)
        default: try parameters.append { (bytes) throws(StorageError) in try append(value, type: type, to: &bytes) }
        }
    }

    /// For COPY too, where text is binary as well. `type` is one that `fits`.
    static func append(_ value: Value, type: Oid, to bytes: inout [UInt8]) throws(StorageError) {
        switch value {
        case .null: break
        case .boolean(let boolean): bytes.append(boolean ? 1 : 0)
        case .integer(let integer): append(integer, type: type, to: &bytes)
        case .double(let double):
            // SQLite would store NULL; refused on every database.
            guard !double.isNaN else { throw StorageError(.invalidValue, "a NaN cannot be stored") }
            append(double.bitPattern, to: &bytes)
        case .text(let text):
            try check(text)
            if type == TypeOID.jsonb { bytes.append(1) }
            bytes.append(contentsOf: text.utf8)
        case .blob(let blob): bytes.append(contentsOf: blob)
        case .timestamp(let time): append(try microseconds(time), to: &bytes)
        case .integers(let list):
            appendArrayHeader(list.count, TypeOID.int8, to: &bytes)
            bytes.reserveCapacity(bytes.count + list.count * 12)
            for element in list {
                append(Int32(8), to: &bytes)
                append(element, to: &bytes)
            }
        case .texts(let list):
            appendArrayHeader(list.count, TypeOID.text, to: &bytes)
            for element in list {
                try check(element)
                append(Int32(clamping: element.utf8.count), to: &bytes)
                bytes.append(contentsOf: element.utf8)
            }
        }
    }

    static func append(_ integer: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: integer.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private static func append(_ integer: Int64, type: Oid, to bytes: inout [UInt8]) {
        switch type {
        case TypeOID.int4: append(Int32(truncatingIfNeeded: integer), to: &bytes)
        case TypeOID.int2: append(Int16(truncatingIfNeeded: integer), to: &bytes)
        case TypeOID.float8: append(Double(integer).bitPattern, to: &bytes)
        default: append(integer, to: &bytes)
        }
    }

    /// Dimensions, no NULLs, element type; then for a list that is not empty its length and lower bound.
    private static func appendArrayHeader(_ count: Int, _ element: Oid, to bytes: inout [UInt8]) {
        append(Int32(count == 0 ? 0 : 1), to: &bytes)
        append(Int32(0), to: &bytes)
        append(element, to: &bytes)
        guard count > 0 else { return }
        append(Int32(clamping: count), to: &bytes)
        append(Int32(1), to: &bytes)
    }

    private static func check(_ text: String) throws(StorageError) {
        guard !text.utf8.contains(0) else {
            throw StorageError(.invalidValue, "a text cannot contain a NUL in PostgreSQL")
        }
    }

    /// The ends of the range mean infinity there.
    private static func microseconds(_ time: Timestamp) throws(StorageError) -> Int64 {
        let (shifted, overflow) = time.microseconds.subtractingReportingOverflow(TypeOID.epoch)
        guard !overflow, shifted != .min, shifted != .max else {
            throw StorageError(.invalidValue, "a time is out of PostgreSQL's range")
        }
        return shifted
    }
}
