/// The two ways to write 32 bytes as text: 64 hexadecimal digits of either case, or base64 (RFC 4648, section 4) of 44
/// characters with its padding. Nothing else, no white space.
enum KeyText {
    /// Nil unless the text is one of them. No copy of the text or the bytes is left behind.
    static func decode(_ text: UnsafeRawBufferPointer) -> SecretBytes? {
        do {
            switch text.count {
            case RootKey.length * 2: return try SecretBytes(count: RootKey.length) { try hexadecimal(text, to: $0) }
            case 44: return try SecretBytes(count: RootKey.length) { try base64(text, to: $0) }
            default: return nil
            }
        } catch {
            return nil
        }
    }

    private struct Malformed: Error {}

    private static func hexadecimal(
        _ text: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer
    ) throws {
        for index in output.indices {
            output[index] = try digit(text[index * 2]) << 4 | digit(text[index * 2 + 1])
        }
    }

    private static func digit(_ character: UInt8) throws -> UInt8 {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): return character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): return character - UInt8(ascii: "A") + 10
        default: throw Malformed()
        }
    }

    /// 43 characters of 6 bits are 32 bytes and two bits, which must be zero.
    private static func base64(_ text: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer) throws {
        guard text.last == UInt8(ascii: "=") else { throw Malformed() }
        var (bits, width, index) = (UInt32(0), 0, 0)
        for character in text.dropLast() {
            bits = bits << 6 | UInt32(try sextet(character))
            width += 6
            guard width >= 8, index < output.count else { continue }
            width -= 8
            output[index] = UInt8(truncatingIfNeeded: bits >> width)
            index += 1
        }
        guard index == output.count, bits & 3 == 0 else { throw Malformed() }
    }

    private static func sextet(_ character: UInt8) throws -> UInt8 {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): return character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): return 62
        case UInt8(ascii: "/"): return 63
        default: throw Malformed()
        }
    }
}
