internal import Hashing

/// One numbered step of a schema. Once released its text never changes: databases record its checksum.
public struct Migration: Sendable, Hashable {
    /// Counted from 1 without gaps.
    public let version: Int
    /// What it does, from its file's name: `runs` of `0001_runs.sql`.
    public let name: String
    public let script: String

    public init(version: Int, name: String, script: String) {
        self.version = version
        self.name = name
        self.script = script
    }

    /// `0001_runs`, as its file is called.
    public var identifier: String {
        let digits = String(version)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits + "_" + name
    }

    /// SHA-256 of the script's bytes, 64 hexadecimal digits.
    public var checksum: String { SHA256.hex(of: script) }
}
