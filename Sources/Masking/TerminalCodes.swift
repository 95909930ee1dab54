/// Control sequences of a terminal (ECMA-48): `ESC [ parameters letter`, `ESC ] text BEL`, and shorter ones.
public enum TerminalCodes {
    /// Without codes; other control characters stay, as problem matchers look for some.
    public static func strip(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == TerminalReading.escape || $0 == 0xc2 }) else { return text }
        var text = text
        return text.withUTF8 { bytes in
            let codes = InvisibleMarks(bytes).codes
            return codes.isEmpty
                ? nil : String(decoding: VisibleText(.codes, bytes, codes).bytes, as: UTF8.self)
        } ?? text
    }

    /// Without whatever is not shown.
    static func visible(_ bytes: [UInt8], as reading: TerminalReading = .codes) -> [UInt8] {
        bytes.withUnsafeBufferPointer { VisibleText(reading, $0, InvisibleMarks($0)).bytes }
    }
}
