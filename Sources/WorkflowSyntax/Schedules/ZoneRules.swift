/// The offsets of a time zone from UTC at all times: transitions of the past, and the rule that holds after the last.
///
/// Instants are seconds since 1970-01-01T00:00:00Z, offsets seconds east of UTC. All times of a clock are those of the
/// proleptic Gregorian calendar, without leap seconds.
public struct ZoneRules: Sendable, Equatable {
    /// A time during which the offset does not change, `start..<end`.
    struct Span: Equatable {
        var start: Int64
        var end: Int64
        var offset: Int
    }

    /// An offset that holds from an instant on.
    struct Transition: Sendable, Equatable {
        var at: Int64
        var offset: Int
    }

    /// Offsets in use are within −12 and +14 hours, and were within ±16; RFC 8536 wants less than 26 hours.
    static let maximumOffset = 26 * 3600 - 1

    /// Bytes of a TZif file that are read; the longest of the database has 4 KiB.
    public static let maximumSize = 1 << 16

    public static let utc = ZoneRules(first: 0, transitions: [], footer: nil)

    /// Before the first transition.
    private let first: Int
    /// In ascending order.
    private let transitions: [Transition]
    /// From the last transition on; nil when its offset stays.
    private let footer: ZoneFooter?

    init(first: Int, transitions: [Transition], footer: ZoneFooter?) {
        self.first = first
        self.transitions = transitions
        self.footer = footer
    }

    /// Seconds to add to UTC at an instant.
    public func offset(at instant: Int64) -> Int {
        span(at: instant).offset
    }

    /// The span that holds an instant. Every instant has one, and it is never empty.
    func span(at instant: Int64) -> Span {
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].at <= instant { low = middle + 1 } else { high = middle }
        }
        let start = low == 0 ? Int64.min : transitions[low - 1].at
        if low == transitions.count, let footer {
            var span = footer.span(at: instant)
            span.start = max(span.start, start)
            return span
        }
        return Span(
            start: start, end: low < transitions.count ? transitions[low].at : Int64.max,
            offset: low == 0 ? first : transitions[low - 1].offset)
    }

    /// The time that a clock of the zone shows, with its offset: `2026-03-29T03:00:00+02:00`. Nil beyond the years 0 to
    /// 9999.
    public func iso8601(_ instant: Int64) -> String? {
        guard (-62_167_219_200 + 172_800...253_402_300_799 - 172_800).contains(instant) else { return nil }
        let offset = offset(at: instant)
        let clock = instant + Int64(offset)
        let moment = CronExpression.Moment(clock: clock)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let year = String(moment.year)
        let date =
            String(repeating: "0", count: max(0, 4 - year.utf8.count)) + year
            + "-\(two(moment.month))-\(two(moment.day))"
        let second = Int(((clock % 60) + 60) % 60)
        let minutes = abs(offset) / 60
        return "\(date)T\(two(moment.hour)):\(two(moment.minute)):\(two(second))"
            + "\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }
}
