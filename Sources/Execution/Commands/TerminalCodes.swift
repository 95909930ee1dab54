/// Control sequences of a terminal: `ESC [ parameters letter`.
enum TerminalCodes {
    static let escape: UInt8 = 0x1b

    /// The text without them, and where each of its bytes stood.
    static func strip(_ bytes: UnsafeBufferPointer<UInt8>) -> (text: [UInt8], places: [Int]) {
        var text: [UInt8] = []
        var places: [Int] = []
        text.reserveCapacity(bytes.count)
        places.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            if bytes[at] == escape, at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "[") {
                at += 2
                while at < bytes.count, bytes[at] >= 0x20, bytes[at] < 0x40 { at += 1 }
                if at < bytes.count, bytes[at] >= 0x40, bytes[at] < 0x7f { at += 1 }
            } else {
                text.append(bytes[at])
                places.append(at)
                at += 1
            }
        }
        return (text, places)
    }

    static func strip(_ text: String) -> String {
        guard text.utf8.contains(escape) else { return text }
        var text = text
        return text.withUTF8 { String(decoding: strip($0).text, as: UTF8.self) }
    }
}
