/// A permission of the token of a job: of GitHub's scopes, those that decide about anything here.
public enum JobPermission: Sendable, Hashable {
    case any
    case actionsRead
    case actionsWrite

    /// Whether a token with these permissions (`read` or `write` by scope) has it.
    public func isGranted(by permissions: [String: String]) -> Bool {
        let level = permissions["actions"]
        return switch self {
        case .any: true
        case .actionsRead: level == "read" || level == "write"
        case .actionsWrite: level == "write"
        }
    }

    /// For people.
    public var text: String {
        switch self {
        case .any: "any permission"
        case .actionsRead: "`actions: read`"
        case .actionsWrite: "`actions: write`"
        }
    }
}
