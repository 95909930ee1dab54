/// Ids of jobs or of the steps of one job: given ones are checked, generated ones made unique.
struct IdentifierScope {
    private var used: Set<String> = []
    /// The last number given to a generated base.
    private var numbers: [String: Int] = [:]

    /// GitHub's message when the id cannot be used, else nil.
    mutating func add(_ id: String) -> String? {
        if !Self.isLegal(id) {
            return "The identifier '\(id)' is invalid. IDs may only contain alphanumeric characters, '_', and '-'. "
                + "IDs must start with a letter or '_' and and must be less than 100 characters."
        }
        if id.hasPrefix("__") {
            return "The identifier '\(id)' is invalid. IDs starting with '__' are reserved."
        }
        if !used.insert(OrdinalText.lowered(id)).inserted {
            return "The identifier '\(id)' may not be used more than once within the same scope."
        }
        return nil
    }

    /// `__` and the text with other characters as `_`; `_2`, `_3`, … where taken. At most 100 characters.
    mutating func generate(from text: String) -> String {
        var letters: [UInt8] = [UInt8(ascii: "_"), UInt8(ascii: "_")]
        for byte in text.utf8.prefix(98) { letters.append(Self.isPart(byte) ? byte : UInt8(ascii: "_")) }
        let base = String(decoding: letters, as: UTF8.self)
        let key = OrdinalText.lowered(base)
        if used.insert(key).inserted { return base }
        var id: String
        var number = numbers[key] ?? 1
        repeat { id = numbered(base, &number) } while !used.insert(OrdinalText.lowered(id)).inserted
        numbers[key] = number
        return id
    }

    private func numbered(_ base: String, _ number: inout Int) -> String {
        number += 1
        let suffix = "_\(number)"
        return base.utf8.count + suffix.utf8.count <= 100 ? base + suffix : base.prefix(100 - suffix.count) + suffix
    }

    private static func isLegal(_ id: String) -> Bool {
        guard let first = id.utf8.first, isPart(first), first != UInt8(ascii: "-"), !(first &- 0x30 < 10) else {
            return false
        }
        return id.utf8.count < 100 && id.utf8.allSatisfy(isPart)
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
}
