/// How far back the sealer looks for rows that are not sealed yet.
///
/// A row's id is given before its transaction is committed, so rows become visible out of order: one with a lower id may
/// follow when higher ones are sealed already. Each batch therefore looks at all rows above a mark, the last row of the
/// newest checkpoint of a certain age, and takes those without a leaf. A row that was committed later than that age allows
/// is found by the next greater depth, and `complete` has no mark at all: nothing is skipped for ever, however long its
/// transaction took.
public enum SealDepth: Sendable {
    /// Rows that waited up to 10 s for their commit: every second while rows come.
    case recent
    /// Up to 10 minutes: every minute.
    case recentMinutes
    /// All rows, which reads both indexes once: at a server's start and every hour, and by `plue audit seal`.
    case complete

    /// Nil: no mark.
    var age: Duration? {
        switch self {
        case .recent: .seconds(10)
        case .recentMinutes: AuditService.lateness
        case .complete: nil
        }
    }
}
