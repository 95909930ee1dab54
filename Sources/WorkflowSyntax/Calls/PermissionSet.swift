/// What a run's token may do, scope by scope.
public struct PermissionSet: Sendable, Equatable {
    public enum Level: String, Sendable, Comparable {
        case none, read, write

        public static func < (a: Level, b: Level) -> Bool {
            a != b && (a == .none || b == .write)
        }
    }

    /// Absent is `none`.
    private(set) var levels: [String: Level] = [:]

    public init(_ permissions: Permissions) {
        switch permissions {
        case .readAll: levels = Self.all(.read)
        case .writeAll: levels = Self.all(.write)
        case .scopes(let scopes): levels = scopes.compactMapValues(Level.init)
        }
    }

    public init(_ policy: TokenPolicy) {
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

    public subscript(scope: String) -> Level {
        levels[scope] ?? .none
    }

    /// The scopes with access, by name.
    public var granted: [(scope: String, level: Level)] {
        levels.filter { $0.value != .none }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// No more than `limit`: what a called workflow asks for beyond its caller it does not get.
    public func limited(to limit: PermissionSet) -> PermissionSet {
        var set = self
        set.levels = levels.reduce(into: [:]) { $0[$1.key] = min($1.value, limit[$1.key]) }
        return set
    }

    /// For a run of somebody else's text: reading only, and no `id-token`, which cannot be read.
    public var readOnly: PermissionSet {
        var set = self
        set.levels = levels.filter { $0.key != "id-token" }.mapValues { min($0, .read) }
        return set
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
