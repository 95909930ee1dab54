/// When a cron expression fires in a time zone. Instants are seconds since 1970-01-01T00:00:00Z.
///
/// GitHub documents for `timezone` that a time in an hour which the clock skips "advances to the next valid time"
/// (02:30 fires at 03:00), and says nothing of hours that come twice. What holds here, after the cron of Debian:
///
/// - A schedule that names times of the day fires when the clock of the zone **first** shows the time or a later one:
///   at the end of a gap once, however many of its times the gap holds, and in an hour that comes twice only the first
///   time.
/// - A schedule that leaves no hour out (`*/5 * * * *`, `30 * * * *`) names an interval. It fires whenever the clock
///   shows a time of it, in both of the hours, and nothing is made up for in a gap, as the interval goes on anyway.
public struct ScheduleOccurrences: Sendable, Equatable {
    private let cron: CronExpression
    private let zone: ZoneRules

    /// More than the clocks of any zone can be set back or forward.
    private static let maximumShift: Int64 = 3 * 86_400

    public init(_ cron: CronExpression, in zone: ZoneRules = .utc) {
        self.cron = cron
        self.zone = zone
    }

    /// The first occurrence after an instant; nil when there is none, or it is millions of years from now.
    public func next(after instant: Int64) -> Int64? {
        guard abs(instant / 2) < 1 << 50 else { return nil }
        return cron.firesEveryHour ? nextOfInterval(after: instant) : nextTime(after: instant)
    }

    /// At most `count` of them, in their order.
    public func next(_ count: Int, after instant: Int64) -> [Int64] {
        var found: [Int64] = []
        while found.count < count, let next = next(after: found.last ?? instant) { found.append(next) }
        return found
    }

    // MARK: - Times of the day

    /// The latest that the clock has shown is what no later instant fires for again.
    private func nextTime(after instant: Int64) -> Int64? {
        let shown = CronExpression.Moment(clock: latestShown(until: instant))
        return cron.next(after: shown).map { firstShown($0.clock) }
    }

    private func latestShown(until instant: Int64) -> Int64 {
        var span = zone.span(at: instant)
        var latest = instant + Int64(span.offset)
        while span.start > instant - Self.maximumShift {
            let before = span.start - 1
            span = zone.span(at: before)
            latest = max(latest, before + Int64(span.offset))
        }
        return latest
    }

    /// The first instant at which the clock shows that time or a later one.
    private func firstShown(_ clock: Int64) -> Int64 {
        var at = clock - Self.maximumShift
        while true {
            let span = zone.span(at: at)
            let candidate = max(at, clock - Int64(span.offset))
            if candidate < span.end { return candidate }
            at = span.end
        }
    }

    // MARK: - Intervals

    /// Span by span: in each the clock goes on evenly.
    private func nextOfInterval(after instant: Int64) -> Int64? {
        var after = instant
        var latest = Int64.max
        var moment: Int64?
        while true {
            let span = zone.span(at: after + 1)
            // What the clock would have shown just before, had the span begun earlier.
            let shown = after + Int64(span.offset)
            // Found again only when the clock was set back, or past it.
            if shown < latest || moment.map({ $0 <= shown }) ?? true {
                moment = cron.next(after: CronExpression.Moment(clock: shown))?.clock
            }
            guard let moment else { return nil }
            let candidate = moment - Int64(span.offset)
            if candidate < span.end { return candidate }
            after = span.end - 1
            latest = after + Int64(span.offset)
        }
    }
}
