/// What a run's token may do, scope by scope.
struct PermissionSet: Sendable, Equatable {
    enum Level: String, Comparable {
        case none, read, write

        static func < (a: Level, b: Level) -> Bool {
            a != b && (a == .none || b == .write)
        }
    }

    /// Absent is `none`.
    private(set) var levels: [String: Level] = [:]

    init(_ permissions: Permissions) {
        switch permissions {
        case .readAll: levels = Self.all(.read)
        case .writeAll: levels = Self.all(.write)
        case .scopes(let scopes): levels = scopes.compactMapValues(Level.init)
        }
    }

    init(_ policy: TokenPolicy) {
        switch policy {
        case .limitedRead: levels = ["contents": .read, "packages": .read]
        case .write:
            levels = Self.all(.write)
            levels["id-token"] = Level.none
        }
    }

    /// The classic scopes at one level; `id-token` cannot be read.
    private static func all(_ level: Level) -> [String: Level] {
        var levels: [String: Level] = [:]
        for scope in PermissionScope.all where scope.isClassic && !(scope.name == "id-token" && level == .read) {
            levels[scope.name] = level
        }
        return levels
    }

    subscript(scope: String) -> Level {
        levels[scope] ?? .none
    }

    /// Scopes above `limit`, in the order of GitHub's messages.
    func scopes(above limit: PermissionSet) -> [String] {
        Self.order.filter { self[$0] > limit[$0] }
    }

    /// `actions: read, contents: none`
    func text(of scopes: [String]) -> String {
        scopes.map { "\($0): \(self[$0].rawValue)" }.joined(separator: ", ")
    }

    private static let order = [
        "actions", "checks", "contents", "deployments", "discussions", "issues", "packages", "pages",
        "pull-requests", "repository-projects", "statuses", "security-events", "id-token", "attestations", "models",
        "artifact-metadata",
    ]
}

/// What the token of a run may do when the files say nothing.
public enum TokenPolicy: String, Sendable {
    /// Contents and packages, reading.
    case limitedRead = "LimitedRead"
    /// Everything but `id-token`.
    case write = "Write"
}
