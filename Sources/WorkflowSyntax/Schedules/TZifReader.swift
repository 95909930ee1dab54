/// A TZif file cannot be read.
public struct ZoneFileError: Error, Sendable, Equatable {
    public let reason: String
}

/// Reads TZif files (RFC 8536), versions 1 to 3 and later ones, which keep the form. Nothing that a file can contain is
/// trusted.
struct TZifReader {
    static let magic: [UInt8] = Array("TZif".utf8)

    private struct Header {
        var version: UInt8
        var utcIndicators: Int
        var standardIndicators: Int
        var leapSeconds: Int
        var times: Int
        var types: Int
        var characters: Int

        func size(timeWidth: Int) -> Int {
            times * timeWidth + times + types * 6 + characters + leapSeconds * (timeWidth + 4) + standardIndicators
                + utcIndicators
        }
    }

    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func read() throws(ZoneFileError) -> ZoneRules {
        guard bytes.count <= ZoneRules.maximumSize else {
            throw ZoneFileError(reason: "it has more than \(ZoneRules.maximumSize) bytes")
        }
        let header = try self.header()
        if header.version == 0 { return try rules(header, timeWidth: 4, footer: nil) }
        try skip(header.size(timeWidth: 4))
        let wide = try self.header()
        let start = at
        try skip(wide.size(timeWidth: 8))
        let footer = try self.footer()
        at = start
        return try rules(wide, timeWidth: 8, footer: footer)
    }

    private mutating func header() throws(ZoneFileError) -> Header {
        guard try take(4).elementsEqual(Self.magic) else { throw ZoneFileError(reason: "it is no TZif file") }
        let version = try number(1)
        try skip(15)
        let header = Header(
            version: UInt8(truncatingIfNeeded: version), utcIndicators: try count(), standardIndicators: try count(),
            leapSeconds: try count(), times: try count(), types: try count(), characters: try count())
        guard header.version == 0 || header.version >= UInt8(ascii: "2") else {
            throw ZoneFileError(reason: "its version is not known")
        }
        return header
    }

    private mutating func rules(
        _ header: Header, timeWidth: Int, footer: ZoneFooter?
    ) throws(ZoneFileError) -> ZoneRules {
        guard header.types > 0, header.characters > 0 else { throw ZoneFileError(reason: "it has no type") }
        // Their transitions count leap seconds, which no clock of a schedule does.
        guard header.leapSeconds == 0 else { throw ZoneFileError(reason: "it counts leap seconds") }
        for indicators in [header.utcIndicators, header.standardIndicators]
        where indicators != 0 && indicators != header.types {
            throw ZoneFileError(reason: "its counts do not fit together")
        }
        guard header.size(timeWidth: timeWidth) <= bytes.count - at else { throw Self.truncated }
        var times: [Int64] = []
        for _ in 0..<header.times { times.append(try number(timeWidth)) }
        let kinds = try take(header.times)
        var offsets: [Int] = []
        for _ in 0..<header.types {
            let offset = Int(try number(4))
            guard abs(offset) <= ZoneRules.maximumOffset else {
                throw ZoneFileError(reason: "an offset is more than 26 hours")
            }
            let daylight = try number(1)
            let name = Int(try number(1) & 0xFF)
            guard daylight == 0 || daylight == 1, name < header.characters else {
                throw ZoneFileError(reason: "a type is not valid")
            }
            offsets.append(offset)
        }
        var transitions: [ZoneRules.Transition] = []
        for (time, kind) in zip(times, kinds) {
            guard Int(kind) < offsets.count else { throw ZoneFileError(reason: "a transition has no type") }
            if let last = transitions.last, last.at >= time {
                throw ZoneFileError(reason: "transitions are not in order")
            }
            transitions.append(ZoneRules.Transition(at: time, offset: offsets[Int(kind)]))
        }
        return ZoneRules(first: offsets[0], transitions: transitions, footer: footer)
    }

    /// The last line; nil when it is empty: the last offset stays.
    private mutating func footer() throws(ZoneFileError) -> ZoneFooter? {
        guard try number(1) == 0x0A, let end = bytes[at...].firstIndex(of: 0x0A) else { throw Self.truncated }
        let line = bytes[at..<end]
        if line.isEmpty { return nil }
        guard let footer = ZoneFooter(Array(line)) else { throw ZoneFileError(reason: "its last line is no TZ string") }
        return footer
    }

    // MARK: - Bytes

    private static let truncated = ZoneFileError(reason: "it ends too early")

    private mutating func take(_ count: Int) throws(ZoneFileError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - at else { throw Self.truncated }
        at += count
        return bytes[at - count..<at]
    }

    private mutating func skip(_ count: Int) throws(ZoneFileError) {
        _ = try take(count)
    }

    /// Big-endian, of 1, 4 or 8 bytes with a sign.
    private mutating func number(_ width: Int) throws(ZoneFileError) -> Int64 {
        let value = try take(width).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        switch width {
        case 1: return Int64(Int8(truncatingIfNeeded: value))
        case 4: return Int64(Int32(truncatingIfNeeded: value))
        default: return Int64(truncatingIfNeeded: value)
        }
    }

    /// A count of the header; more of anything than the file has bytes cannot be.
    private mutating func count() throws(ZoneFileError) -> Int {
        let count = Int(try number(4)) & 0xFFFF_FFFF
        guard count <= bytes.count else { throw Self.truncated }
        return count
    }
}

extension ZoneRules {
    /// From the content of a TZif file. Throws ``ZoneFileError`` for anything else.
    public init(tzif bytes: [UInt8]) throws(ZoneFileError) {
        var reader = TZifReader(bytes)
        self = try reader.read()
    }
}
