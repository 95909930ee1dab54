import CLibPQ
import Storage

/// Values from PostgreSQL's binary form.
struct Decoder {
    let type: Oid
    let column: String

    func value(_ bytes: UnsafeRawBufferPointer) throws(StorageError) -> Value {
        switch type {
        case TypeOID.int8, TypeOID.xid8: return .integer(try integer(bytes, Int64.self))
        case TypeOID.text, TypeOID.varchar, TypeOID.bpchar, TypeOID.name, TypeOID.unknown, TypeOID.char,
            TypeOID.json:
            return text(bytes)
        case TypeOID.bool: return .boolean(bytes.first != 0)
        case TypeOID.timestamptz, TypeOID.timestamp: return .timestamp(try timestamp(bytes))
        case TypeOID.int4: return .integer(Int64(try integer(bytes, Int32.self)))
        case TypeOID.int2: return .integer(Int64(try integer(bytes, Int16.self)))
        case TypeOID.oid: return .integer(Int64(try integer(bytes, UInt32.self)))
        case TypeOID.float8: return .double(Double(bitPattern: try integer(bytes, UInt64.self)))
        case TypeOID.float4: return .double(Double(Float(bitPattern: try integer(bytes, UInt32.self))))
        case TypeOID.bytea: return .blob(Array(bytes))
        case TypeOID.jsonb: return text(UnsafeRawBufferPointer(rebasing: bytes.dropFirst()))
        case TypeOID.numeric: return try Numeric(bytes, column).value
        case TypeOID.date: return .timestamp(try date(bytes))
        case TypeOID.uuid: return .text(Self.uuid(bytes))
        case TypeOID.void: return .null
        case TypeOID.int8Array, TypeOID.int4Array, TypeOID.textArray, TypeOID.varcharArray: return try array(bytes)
        default:
            throw error("the type with the OID \(type) is not read: cast it to text")
        }
    }

    private func error(_ words: String) -> StorageError {
        StorageError(.decoding, subject: column, "column \(column): \(words)")
    }

    private func integer<T: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _: T.Type) throws(StorageError) -> T {
        guard bytes.count == MemoryLayout<T>.size else { throw error("\(bytes.count) bytes for a \(T.self)") }
        return T(bigEndian: bytes.loadUnaligned(as: T.self))
    }

    /// The server's encoding is UTF-8; it has checked the text.
    private func text(_ bytes: UnsafeRawBufferPointer) -> Value {
        .text(String(decoding: bytes, as: UTF8.self))
    }

    private func timestamp(_ bytes: UnsafeRawBufferPointer) throws(StorageError) -> Timestamp {
        let value = try integer(bytes, Int64.self)
        let (shifted, overflow) = value.addingReportingOverflow(TypeOID.epoch)
        guard value != .max, value != .min, !overflow else { throw error("an infinite time") }
        return Timestamp(microseconds: shifted)
    }

    private func date(_ bytes: UnsafeRawBufferPointer) throws(StorageError) -> Timestamp {
        let days = try integer(bytes, Int32.self)
        guard days != .max, days != .min else { throw error("an infinite date") }
        return Timestamp(microseconds: Int64(days) * 86_400_000_000 + TypeOID.epoch)
    }

    private static func uuid(_ bytes: UnsafeRawBufferPointer) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func array(_ bytes: UnsafeRawBufferPointer) throws(StorageError) -> Value {
        var reader = Reader(bytes: bytes, decoder: self)
        let dimensions = try reader.integer(Int32.self)
        _ = try reader.integer(Int32.self)
        let element = Decoder(type: try reader.integer(UInt32.self), column: column)
        guard dimensions <= 1 else { throw error("an array of \(dimensions) dimensions: cast it to text") }
        let count = dimensions == 0 ? 0 : Int(try reader.integer(Int32.self))
        if dimensions == 1 { _ = try reader.integer(Int32.self) }
        var integers: [Int64] = []
        var texts: [String] = []
        for _ in 0..<count {
            let length = try reader.integer(Int32.self)
            guard length >= 0 else { throw error("an array with a NULL: cast it to text") }
            switch try element.value(try reader.bytes(Int(length))) {
            case .integer(let integer): integers.append(integer)
            case .text(let text): texts.append(text)
            default: throw error("an array of this type is not read: cast it to text")
            }
        }
        let isText = type == TypeOID.textArray || type == TypeOID.varcharArray
        return isText ? .texts(texts) : .integers(integers)
    }

    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        let decoder: Decoder
        var at = 0

        init(bytes: UnsafeRawBufferPointer, decoder: Decoder) {
            self.bytes = bytes
            self.decoder = decoder
        }

        mutating func bytes(_ count: Int) throws(StorageError) -> UnsafeRawBufferPointer {
            guard count >= 0, at + count <= bytes.count else { throw decoder.error("a value that is cut off") }
            at += count
            return UnsafeRawBufferPointer(rebasing: bytes[(at - count)..<at])
        }

        mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(StorageError) -> T {
            try decoder.integer(try bytes(MemoryLayout<T>.size), type)
        }
    }
}
