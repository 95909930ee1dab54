internal import Model
internal import WorkflowSyntax

/// What becomes of the occurrences of a schedule that is due. Instants are seconds since the epoch.
struct DuePlan: Equatable {
    /// The occurrence that makes a run now.
    var fires: Int64?
    /// Those that make none, in their order: of many the newest ``limit``.
    var missed: [Int64]
    /// The next occurrence to look at, which may be due as well.
    var next: Int64?

    /// How many missed occurrences are told.
    static let limit = 100
    /// An occurrence that is less late is not missed. A server looks three times a minute.
    static let grace: Int64 = 5 * 60

    init(_ occurrences: ScheduleOccurrences, _ policy: Schedule.MissedPolicy, due: Int64, now: Int64) {
        switch policy {
        case .runAll:
            fires = due
            missed = []
        case .runOnce:
            let open = Self.newest(occurrences, due: due, now: now)
            fires = open.last
            missed = Array(open.dropLast().suffix(Self.limit))
        case .skip:
            let open = Self.newest(occurrences, due: due, now: now)
            fires = open.first { now - $0 < Self.grace }
            missed = Array(open.prefix { now - $0 >= Self.grace }.suffix(Self.limit))
        }
        next = occurrences.next(after: fires ?? now)
    }

    /// The newest of the occurrences until now, more than ``limit`` if there are. The longer the downtime, the longer the
    /// steps back: what is computed stays within a few hundred.
    private static func newest(_ occurrences: ScheduleOccurrences, due: Int64, now: Int64) -> [Int64] {
        var span: Int64 = 3600
        while true {
            let start = max(due - 1, now - span)
            var found: [Int64] = []
            while let next = occurrences.next(after: found.last ?? start), next <= now { found.append(next) }
            // The zone's rules may have changed since it was planned.
            if start == due - 1 { return found.isEmpty ? [due] : found }
            if found.count > limit { return found }
            span *= 4
        }
    }
}
