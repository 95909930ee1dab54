/// Finds one of a few names that are known ahead. Their lengths, first and last letters tell most of them apart, so a look
/// costs less than to hash the whole text.
struct KeyTable: Sendable {
    let names: [String]
    /// Open addressing, a power of two long; 0 is free, else a name's index and 1.
    private let slots: [UInt16]

    /// Names must differ.
    init(_ names: [String]) {
        var size = 4
        while size < names.count * 3 { size *= 2 }
        var slots = [UInt16](repeating: 0, count: size)
        for (index, name) in names.enumerated() {
            var slot = Self.hash(name) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = UInt16(index + 1)
        }
        self.names = names
        self.slots = slots
    }

    /// The place of a name in the list that the table was made of.
    func index(of name: String) -> Int? {
        var slot = Self.hash(name) & (slots.count - 1)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if names[index] == name { return index }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private static func hash(_ name: String) -> Int {
        let bytes = name.utf8.span
        if bytes.isEmpty { return 0 }
        return bytes.count &+ Int(bytes[0]) &* 7 &+ Int(bytes[bytes.count - 1]) &* 31
    }
}
