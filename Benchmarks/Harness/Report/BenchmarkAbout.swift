internal import Glibc

/// What was measured, by what, where and when.
public struct BenchmarkAbout: Sendable {
    /// `load`
    public var part: String
    /// Of plue.
    public var version: String
    /// What the program was built of; nil where nobody said.
    public var commit: String?
    /// ISO 8601, UTC.
    public var date: String
    /// Names with the servers' own words.
    public var databases: [(name: String, version: String)]
    /// As they were given or meant.
    public var options: [(name: String, value: String)]
    public var machine = Machine.this

    public init(
        part: String, version: String, commit: String?, date: String, databases: [(name: String, version: String)],
        options: [(name: String, value: String)]
    ) {
        self.part = part
        self.version = version
        self.commit = commit
        self.date = date
        self.databases = databases
        self.options = options
    }

    public struct Machine: Sendable {
        public var cores: Int
        /// As Linux calls it; empty where it does not.
        public var processor: String
        public var memoryBytes: Int64
        /// `Linux 6.1.0 x86_64`
        public var system: String

        /// The one that this process works on.
        static var this: Self {
            var name = utsname()
            uname(&name)
            let pages = Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE)))
            let words = [text(name.sysname), text(name.release), text(name.machine)]
            return Self(
                cores: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), processor: processorName, memoryBytes: pages,
                system: words.joined(separator: " "))
        }

        private static func text(_ characters: some Any) -> String {
            withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }

        private static var processorName: String {
            guard let file = fopen("/proc/cpuinfo", "re") else { return "" }
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let count = fread(&bytes, 1, bytes.count, file)
            for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
            where line.hasPrefix("model name") {
                return line.split(separator: ":").dropFirst().joined(separator: ":").drop { $0 == " " }.description
            }
            return ""
        }
    }
}
