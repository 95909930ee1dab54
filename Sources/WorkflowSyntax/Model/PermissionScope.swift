/// A scope of the run's token, as it may be written under `permissions`.
struct PermissionScope: Sendable {
    var name: String
    /// The definition of its levels in the schema.
    var type = "permission-any"
    /// In GitHub's template order and part of its policies; newer scopes are not.
    var isClassic = false

    static let all: [PermissionScope] = [
        PermissionScope(name: "actions", isClassic: true),
        PermissionScope(name: "artifact-metadata"),
        PermissionScope(name: "attestations"),
        PermissionScope(name: "checks", isClassic: true),
        PermissionScope(name: "contents", isClassic: true),
        PermissionScope(name: "deployments", isClassic: true),
        PermissionScope(name: "discussions", isClassic: true),
        PermissionScope(name: "id-token", type: "permission-write", isClassic: true),
        PermissionScope(name: "issues", isClassic: true),
        PermissionScope(name: "models", type: "permission-read"),
        PermissionScope(name: "packages", isClassic: true),
        PermissionScope(name: "pages", isClassic: true),
        PermissionScope(name: "pull-requests", isClassic: true),
        PermissionScope(name: "repository-projects", isClassic: true),
        PermissionScope(name: "security-events", isClassic: true),
        PermissionScope(name: "statuses", isClassic: true),
    ]
}
