/// What a user may do with a repository, as GitHub names it: each role holds all that the lower ones do.
public enum Role: String, Sendable, Hashable, CaseIterable, Comparable {
    case read, triage, write, maintain, admin

    /// From 1, as the checks count.
    public var rank: Int64 {
        switch self {
        case .read: 1
        case .triage: 2
        case .write: 3
        case .maintain: 4
        case .admin: 5
        }
    }

    public static func < (a: Role, b: Role) -> Bool { a.rank < b.rank }
}
