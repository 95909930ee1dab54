/// Data that a seal is bound to: fields, each behind its length in four bytes (big endian), so that no two lists of
/// fields give the same bytes.
struct AdditionalData {
    private(set) var bytes: [UInt8] = []

    /// `label` says what is sealed, so that nothing sealed for one purpose opens for another.
    init(label: String) {
        append(label)
    }

    mutating func append(_ text: String) {
        append(Array(text.utf8))
    }

    /// All bytes of the integer, big endian.
    mutating func append(_ integer: some FixedWidthInteger) {
        append(BigEndian.bytes(integer))
    }

    mutating func append(_ field: [UInt8]) {
        bytes += BigEndian.bytes(UInt32(clamping: field.count)) + field
    }
}
