/// Divides a text into records of the log: one line each, none above a limit.
enum LineSplitter {
    /// Without line breaks; a carriage return before one is dropped. Long lines are cut between characters.
    static func records(_ text: String, limit: Int) -> [String] {
        if text.utf8.count <= limit, !text.utf8.contains(10) { return [text] }
        var records: [String] = []
        for line in Array(text.utf8).split(separator: 10, omittingEmptySubsequences: false) {
            var rest = line.last == 13 ? line.dropLast() : line
            while rest.count > limit {
                var cut = rest.startIndex + limit
                while cut > rest.startIndex + limit - 4, rest[cut] & 0xc0 == 0x80 { cut -= 1 }
                records.append(String(decoding: rest[..<cut], as: UTF8.self))
                rest = rest[cut...]
            }
            records.append(String(decoding: rest, as: UTF8.self))
        }
        return records
    }
}
