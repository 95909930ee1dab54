import Storage

/// A `numeric`: digits of base 10000, the first of which counts 10000 to the power of `weight`.
struct Numeric {
    private let digits: [Int16]
    private let weight: Int
    private let sign: UInt16

    init(_ bytes: UnsafeRawBufferPointer, _ column: String) throws(StorageError) {
        guard bytes.count >= 8, bytes.count % 2 == 0 else {
            throw StorageError(.decoding, subject: column, "column \(column): a numeric that is cut off")
        }
        let words = stride(from: 0, to: bytes.count, by: 2).map {
            Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Int16.self))
        }
        weight = Int(words[1])
        sign = UInt16(bitPattern: words[2])
        digits = Array(words[4...])
    }

    /// An integer if it is one and fits, else the nearest double.
    var value: Value {
        switch sign {
        case 0xC000: .double(.nan)
        case 0xD000: .double(.infinity)
        case 0xF000: .double(-.infinity)
        default: integer.map { .integer($0) } ?? .double(Double(decimal) ?? .nan)
        }
    }

    private var isNegative: Bool { sign == 0x4000 }

    /// Trailing zeroes are not stored, so a digit below one means a fraction.
    private var integer: Int64? {
        guard digits.count <= weight + 1 || digits.isEmpty, weight < 5 else { return nil }
        if digits.isEmpty { return 0 }
        var result: Int64 = 0
        for position in 0...weight {
            let digit = position < digits.count ? Int64(digits[position]) : 0
            let (product, overflow) = result.multipliedReportingOverflow(by: 10_000)
            let (sum, overflow2) = product.addingReportingOverflow(isNegative ? -digit : digit)
            if overflow || overflow2 { return nil }
            result = sum
        }
        return result
    }

    private var decimal: String {
        var text = isNegative ? "-0." : "0."
        for digit in digits {
            let four = String(digit)
            text += String(repeating: "0", count: max(0, 4 - four.utf8.count)) + four
        }
        return text + "e\((weight + 1) * 4)"
    }
}
