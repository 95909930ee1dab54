import CLibPQ
import Storage

/// A statement's parameters as libpq wants them: text in text format, everything else in binary.
struct Parameters {
    private(set) var bytes: [UInt8] = []
    private var starts: [Int] = []
    private(set) var lengths: [Int32] = []
    private(set) var formats: [Int32] = []

    var count: Int { lengths.count }

    mutating func appendNull() {
        append(start: -1, format: 0, length: 0)
    }

    /// In text format, which ends with a NUL.
    mutating func append(text: String) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
        append(start: start, format: 0, length: bytes.count - start - 1)
    }

    mutating func append(binary write: (inout [UInt8]) throws(StorageError) -> Void) throws(StorageError) {
        let start = bytes.count
        try write(&bytes)
        append(start: start, format: 1, length: bytes.count - start)
    }

    /// Pointers to the values, null for NULL.
    func withPointers<R>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> R) -> R {
        if starts.isEmpty { return body(nil) }
        // An empty value must not be a null pointer: that would be NULL.
        let terminated = bytes.isEmpty ? [0] : bytes
        return terminated.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                let pointers = starts.map { start in start < 0 ? nil : characters.baseAddress.map { $0 + start } }
                return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
            }
        }
    }

    private mutating func append(start: Int, format: Int32, length: Int) {
        starts.append(start)
        formats.append(format)
        lengths.append(Int32(clamping: length))
    }
}
