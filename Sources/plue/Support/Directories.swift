internal import Execution
internal import Glibc

/// The folders of the user, after the XDG base directory specification.
enum Directories {
    static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    static var home: String { variable("HOME") ?? "/" }
    static var data: String { (variable("XDG_DATA_HOME") ?? "\(home)/.local/share") + "/plue" }
    static var cache: String { (variable("XDG_CACHE_HOME") ?? "\(home)/.cache") + "/plue" }
    static var configuration: String { (variable("XDG_CONFIG_HOME") ?? "\(home)/.config") + "/plue" }
    static var runners: String { "\(data)/runners" }
    /// Of the secrets and the audit log's signature, where PLUE_KEY_FILE names no other.
    static var rootKey: String { "\(data)/root.key" }
    static var auditCheckpoints: String {
        variable("PLUE_AUDIT_CHECKPOINTS").map(absolute) ?? "\(data)/audit/checkpoints"
    }
    static var work: String { "\(cache)/work" }
    static var tools: String { "\(cache)/tools" }

    static var current: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    static func absolute(_ path: String) -> String {
        Files.normalize(path, in: current)
    }
}
