public import WorkflowSyntax

/// Builds TZif files, and gives them as a database.
public struct TZifFixture: ZoneSource {
    private let files: [String: [UInt8]]

    public init(_ files: [String: [UInt8]]) {
        self.files = files
    }

    public func file(of name: String) -> [UInt8]? { files[name] }
    public var names: [String] { Array(files.keys) }

    /// Central Europe of today, without a transition.
    public static let berlin = file(footer: "CET-1CEST,M3.5.0,M10.5.0/3", first: 3600)

    /// A file of that version (0 for the first) with transitions, and offsets in seconds, the first one before all.
    public static func file(
        version: UInt8 = UInt8(ascii: "2"), footer: String = "", first: Int, transitions: [(at: Int, offset: Int)] = [],
        leapSeconds: Int = 0
    ) -> [UInt8] {
        var offsets = [first]
        for transition in transitions where !offsets.contains(transition.offset) { offsets.append(transition.offset) }
        func block(_ width: Int, isEmpty: Bool) -> [UInt8] {
            let times = isEmpty ? [] : transitions
            let types = isEmpty ? [first] : offsets
            let leaps = isEmpty ? 0 : leapSeconds
            var bytes = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
            for count in [0, 0, leaps, times.count, types.count, 4] { bytes += number(count, 4) }
            for time in times { bytes += number(time.at, width) }
            for time in times { bytes.append(UInt8(types.firstIndex(of: time.offset) ?? 0)) }
            for type in types { bytes += number(type, 4) + [0, 0] }
            bytes += Array("XXX".utf8) + [0]
            for index in 0..<leaps { bytes += number(78_796_800 + index, width) + number(index + 1, 4) }
            return bytes
        }
        if version == 0 { return block(4, isEmpty: false) }
        return block(4, isEmpty: true) + block(8, isEmpty: false) + [0x0A] + Array(footer.utf8) + [0x0A]
    }

    private static func number(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
