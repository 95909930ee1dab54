/// What a verification of the audit log found.
public struct AuditReport: Sendable {
    /// At most this many problems are listed.
    public static let limit = 1_000

    /// Rows that were compared with their leaves.
    public internal(set) var rows: Int64 = 0
    /// Leaves of the newest checkpoint.
    public internal(set) var size: Int64 = 0
    public internal(set) var checkpoints: Int64 = 0
    /// Checkpoints of the file outside of the database that were compared.
    public internal(set) var outsideCheckpoints: Int64 = 0
    /// Leaves of the newest checkpoint of that file; 0 when it has none, or there is no file.
    public internal(set) var outsideSize: Int64 = 0
    /// Rows that wait to be sealed.
    public internal(set) var unsealed: Int64 = 0
    /// Rows whose body retention removed; they were compared without it.
    public internal(set) var prunedBodies: Int64 = 0
    /// The key was given, or is proven by the root key; otherwise it is the database's own word, or there is none.
    public internal(set) var isKeyProven = false
    /// Triggers that should refuse changes of the log, and do not.
    public internal(set) var unprotected: [String] = []
    /// The first ones.
    public internal(set) var problems: [AuditProblem] = []
    /// All of them.
    public internal(set) var problemCount = 0

    mutating func add(
        _ kind: AuditProblem.Kind, id: Int64? = nil, leaves: Range<Int64>? = nil, _ message: String
    ) {
        problemCount += 1
        guard problems.count < Self.limit else { return }
        problems.append(AuditProblem(kind: kind, auditID: id, leaves: leaves, message: message))
    }
}
