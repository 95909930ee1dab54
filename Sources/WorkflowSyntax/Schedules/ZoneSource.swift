/// Where the files of the time zone database come from. This module reads no files itself.
public protocol ZoneSource: Sendable {
    /// The TZif file of a zone, at most ``ZoneRules/maximumSize`` bytes and one more; nil when there is none. The name
    /// was checked: parts of letters, digits, `+`, `-`, `_` and `.`, none of which begins with a `.`, joined by `/`.
    func file(of name: String) -> [UInt8]?

    /// The names of all zones; empty where there is no database.
    var names: [String] { get }
}

extension ZoneRules {
    /// The rules of a zone by its name in the IANA database. `UTC`, `Etc/UTC` and `GMT` need no database.
    public static func named(_ name: String, in source: any ZoneSource) throws(ZoneError) -> ZoneRules {
        guard isName(name) else { throw .malformed(name: name) }
        if name == "UTC" || name == "Etc/UTC" || name == "GMT" { return .utc }
        guard let bytes = source.file(of: name), bytes.starts(with: TZifReader.magic) else {
            let names = source.names
            if names.isEmpty { throw .noDatabase(name: name) }
            throw .unknown(name: name, nearest: nearest(to: name, among: names))
        }
        do {
            return try ZoneRules(tzif: bytes)
        } catch {
            throw .damaged(name: name, reason: error.reason)
        }
    }

    /// Whether a text could name a zone: no path out of the database, at most 255 bytes.
    public static func isName(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 255 else { return false }
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        // Debian keeps the same zones again below these, the second with leap seconds.
        if let first = parts.first, parts.count > 1,
            ["posix", "right"].contains(String(decoding: first, as: UTF8.self))
        {
            return false
        }
        // Files of the database that are no zones: the machine's own, the default of POSIX, "not set".
        if ["localtime", "posixrules", "factory"].contains(text.lowercased()) { return false }
        return parts.allSatisfy { part in
            guard let first = part.first, first != UInt8(ascii: "."), first != UInt8(ascii: "-") else { return false }
            return part.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
        }
    }

    /// Among the zones of the same area first: there are too many of them to compare all.
    private static func nearest(to name: String, among names: [String]) -> String? {
        func area(_ name: String) -> String { name.split(separator: "/").first.map { $0.lowercased() } ?? "" }
        let own = names.filter { area($0) == area(name) }
        if let found = Nearest.nearest(to: name, among: own) { return found }
        // `Berlin`, `EuropeBerlin`, `Eurpe/Berlin`: the last part tells.
        guard let place = name.split(separator: "/").last?.lowercased() else { return nil }
        return names.sorted().first { $0.lowercased().hasSuffix("/\(place)") || $0.lowercased() == place }
    }
}
