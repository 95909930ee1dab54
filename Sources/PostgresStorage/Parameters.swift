import CLibPQ
import Storage

/// A statement's parameters as libpq wants them: text in text format, everything else in binary.
struct Parameters {
    private struct Value {
        /// In `bytes`; -1 for NULL.
        var start: Int
        var length: Int32
        var format: Int32
    }

    private(set) var bytes: [UInt8] = []
    private var values: [Value] = []

    var count: Int { values.count }

    mutating func reserveCapacity(_ count: Int) {
        values.reserveCapacity(count)
        bytes.reserveCapacity(count * 16)
    }

    mutating func appendNull() {
        values.append(Value(start: -1, length: 0, format: 0))
    }

    /// In text format, which ends with a NUL.
    mutating func append(text: String) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
        values.append(Value(start: start, length: Int32(clamping: bytes.count - start - 1), format: 0))
    }

    /// An int8, which most parameters are.
    mutating func append(_ integer: Int64) {
        values.append(Value(start: bytes.count, length: 8, format: 1))
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: integer >> shift)) }
    }

    mutating func append(binary write: (inout [UInt8]) throws(StorageError) -> Void) throws(StorageError) {
        let start = bytes.count
        try write(&bytes)
        values.append(Value(start: start, length: Int32(clamping: bytes.count - start), format: 1))
    }

    /// Pointers to the values, null for NULL, their lengths and formats.
    func withPointers<R>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> R
    ) -> R {
        if values.isEmpty { return body(nil, nil, nil) }
        // An empty value must not be a null pointer: that would be NULL.
        let terminated = bytes.isEmpty ? [0] : bytes
        return terminated.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: values.count) { pointers in
                    withUnsafeTemporaryAllocation(of: Int32.self, capacity: values.count * 2) { numbers in
                        for (index, value) in values.enumerated() {
                            let pointer = value.start < 0 ? nil : characters.baseAddress.map { $0 + value.start }
                            pointers.initializeElement(at: index, to: pointer)
                            numbers.initializeElement(at: index, to: value.length)
                            numbers.initializeElement(at: values.count + index, to: value.format)
                        }
                        let lengths = UnsafePointer(numbers.baseAddress)
                        return body(UnsafePointer(pointers.baseAddress), lengths, lengths.map { $0 + values.count })
                    }
                }
            }
        }
    }
}
