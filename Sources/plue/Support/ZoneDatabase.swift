internal import Execution
internal import WorkflowSyntax

/// The time zone database of this machine: `$TZDIR`, else `/usr/share/zoneinfo`.
struct ZoneDatabase: ZoneSource {
    private let folder = Directories.variable("TZDIR") ?? "/usr/share/zoneinfo"

    func file(of name: String) -> [UInt8]? {
        let path = "\(folder)/\(name)"
        return Files.isFile(path) ? Files.bytes(path, limit: ZoneRules.maximumSize + 1) : nil
    }

    /// Zones begin with a capital, other files (`zone.tab`, `posix/…`) with a small letter.
    var names: [String] { names(below: "", depth: 3) }

    private func names(below prefix: String, depth: Int) -> [String] {
        Files.names(in: "\(folder)/\(prefix)").flatMap { name -> [String] in
            guard let first = name.utf8.first, (0x41...0x5A).contains(first), !name.contains(".") else { return [] }
            let path = prefix + name
            if !Files.isDirectory("\(folder)/\(path)") { return [path] }
            return depth > 1 ? names(below: path + "/", depth: depth - 1) : []
        }
    }
}
