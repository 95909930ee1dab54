internal import Glibc

/// A workflow command in a line of output: `::name key=value,key=value::data`, or the older `##[name key=value;]data`.
struct WorkflowCommand: Equatable {
    /// Lower-case.
    var name: String
    /// In the order of the line; empty values are dropped.
    var properties: [(key: String, value: String)]
    var data: String

    static func == (a: WorkflowCommand, b: WorkflowCommand) -> Bool {
        a.name == b.name && a.data == b.data && a.properties.elementsEqual(b.properties, by: ==)
    }

    /// A property, its name without regard to case; the last of several.
    subscript(property: String) -> String? {
        properties.last { $0.key.lowercased() == property.lowercased() }?.value
    }

    /// The command of the line, or nil. Only blanks may stand before `::`; `##[` may stand anywhere.
    init?(_ line: String) {
        var line = line
        let found = line.withUTF8 { bytes -> (style: Style, bytes: [UInt8])? in
            guard let (style, start) = Self.start(in: bytes) else { return nil }
            return (style, Array(bytes[start...]))
        }
        guard let (style, bytes) = found else { return nil }
        self.init(style, bytes)
    }

    /// Whether a command may stand in a line that begins with those bytes.
    static func mayBegin(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { start(in: bytes) != nil }

    private enum Style { case current, legacy }

    /// Where the name of a command would begin.
    private static func start(in bytes: UnsafeBufferPointer<UInt8>) -> (Style, Int)? {
        var at = 0
        while at < bytes.count, bytes[at] == 32 || bytes[at] >= 9 && bytes[at] <= 13 { at += 1 }
        let colon = UInt8(ascii: ":")
        if at + 1 < bytes.count, bytes[at] == colon, bytes[at + 1] == colon { return (.current, at + 2) }
        let hash = UInt8(ascii: "#")
        guard let base = bytes.baseAddress.map({ UnsafeRawPointer($0) }) else { return nil }
        at = 0
        while at < bytes.count, let hit = memchr(base + at, Int32(hash), bytes.count - at) {
            at = UnsafeRawPointer(hit) - base
            if at + 2 < bytes.count, bytes[at + 1] == hash, bytes[at + 2] == UInt8(ascii: "[") {
                return (.legacy, at + 3)
            }
            at += 1
        }
        return nil
    }

    private init?(_ style: Style, _ bytes: [UInt8]) {
        let end: [UInt8] = style == .current ? [UInt8(ascii: ":"), UInt8(ascii: ":")] : [UInt8(ascii: "]")]
        guard let close = bytes.indices.first(where: { bytes[$0...].starts(with: end) }) else { return nil }
        let parts = bytes[..<close].split(separator: 32, maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty else { return nil }
        name = String(decoding: first, as: UTF8.self).lowercased()
        let rest = parts.count > 1 ? parts[1] : []
        let data = bytes[(close + end.count)...]
        switch style {
        case .current:
            properties = Self.properties(rest, separator: UInt8(ascii: ","), Self.propertyEscapes)
            self.data = Self.unescape(data, Self.dataEscapes)
        case .legacy:
            properties = Self.properties(rest, separator: UInt8(ascii: ";"), Self.legacyEscapes)
            self.data = Self.unescape(data, Self.legacyEscapes)
        }
    }

    private static let dataEscapes = escapes(["0D": "\r", "0A": "\n", "25": "%"])
    private static let propertyEscapes = escapes(["0D": "\r", "0A": "\n", "3A": ":", "2C": ",", "25": "%"])
    private static let legacyEscapes = escapes(["0D": "\r", "0A": "\n", "5D": "]", "3B": ";", "25": "%"])

    private static func escapes(_ table: [String: String]) -> [[UInt8]: UInt8] {
        var result: [[UInt8]: UInt8] = [:]
        for (code, character) in table { result[Array(code.utf8)] = character.utf8.first }
        return result
    }

    private static func properties(
        _ bytes: ArraySlice<UInt8>, separator: UInt8, _ escapes: [[UInt8]: UInt8]
    ) -> [(key: String, value: String)] {
        trimmed(bytes).split(separator: separator).compactMap { pair in
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let key = pair[..<equals].drop { $0 == 32 }
            let value = pair[(equals + 1)...]
            return key.isEmpty || value.isEmpty
                ? nil : (String(decoding: key, as: UTF8.self), unescape(value, escapes))
        }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes.drop { $0 == 32 || $0 == 9 }
        while let last = bytes.last, last == 32 || last == 9 { bytes.removeLast() }
        return bytes
    }

    /// One pass: what an escape gives never starts another, so `%25` is as if undone last.
    private static func unescape(_ bytes: ArraySlice<UInt8>, _ escapes: [[UInt8]: UInt8]) -> String {
        guard bytes.contains(UInt8(ascii: "%")) else { return String(decoding: bytes, as: UTF8.self) }
        var result: [UInt8] = []
        var at = bytes.startIndex
        while at < bytes.endIndex {
            if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.endIndex,
                let character = escapes[[bytes[at + 1], bytes[at + 2]]]
            {
                result.append(character)
                at += 3
            } else {
                result.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
