import Foundation

@testable import WorkflowSyntax

/// The time zone database of the machine.
struct SystemZones: ZoneSource {
    static let folder = "/usr/share/zoneinfo"
    static let samples = [
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns",
        "Pacific/Apia",
        "Africa/Casablanca", "America/Nuuk", "Asia/Gaza", "Antarctica/Troll", "Europe/Dublin", "Africa/Monrovia",
    ]

    static let isPresent = FileManager.default.fileExists(atPath: "\(folder)/Pacific/Apia")

    func file(of name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: "\(Self.folder)/\(name)").map { Array($0) }
    }

    var names: [String] { [] }

    /// What `date` says of instants: `2026-03-29T03:00:00+02:00`.
    static func dates(_ instants: [Int64], in zone: String) throws -> [String] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("plue-dates-\(UUID().uuidString)")
        try instants.map { "@\($0)\n" }.joined().write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/date")
        process.arguments = ["-f", file.path, "+%Y-%m-%dT%H:%M:%S%::z"]
        process.environment = ["TZ": zone, "LC_ALL": "C"]
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
