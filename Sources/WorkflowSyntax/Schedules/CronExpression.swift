/// A POSIX cron expression of five fields: minute, hour, day of month, month, day of week. `*`, lists, ranges, steps and
/// the names of months and days; no `@daily` and the like. With both days given, either is enough.
public struct CronExpression: Sendable, Equatable {
    /// A minute of the calendar, in whatever time zone the schedule has.
    public struct Moment: Sendable, Hashable, Comparable {
        public var year: Int
        /// 1–12
        public var month: Int
        /// 1–31
        public var day: Int
        public var hour: Int
        public var minute: Int

        public init(year: Int, month: Int, day: Int, hour: Int, minute: Int) {
            self.year = year
            self.month = month
            self.day = day
            self.hour = hour
            self.minute = minute
        }

        public static func < (a: Moment, b: Moment) -> Bool {
            (a.year, a.month, a.day, a.hour, a.minute) < (b.year, b.month, b.day, b.hour, b.minute)
        }
    }

    /// A bit for every value that fires.
    private let minutes: UInt64
    private let hours: UInt64
    private let days: UInt64
    private let months: UInt64
    private let weekdays: UInt64
    private let anyDay: Bool
    private let anyWeekday: Bool

    /// Nil for a text that is none.
    public init?(_ text: String) {
        let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard fields.count == 5, let minutes = Self.field(fields[0], 0...59),
            let hours = Self.field(fields[1], 0...23), let days = Self.field(fields[2], 1...31),
            let months = Self.field(fields[3], 1...12, names: Self.monthNames),
            let weekdays = Self.field(fields[4], 0...6, names: Self.dayNames)
        else { return nil }
        self.minutes = minutes
        self.hours = hours
        self.days = days
        self.months = months
        self.weekdays = weekdays
        anyDay = fields[2].hasPrefix("*")
        anyWeekday = fields[4].hasPrefix("*")
    }

    /// Whether two runs may be closer than that many minutes (GitHub's shortest interval is 5).
    public func fires(moreOftenThanEvery interval: Int) -> Bool {
        let set = (0...59).filter { minutes & (1 << UInt64($0)) != 0 }
        for (a, b) in zip(set, set.dropFirst()) where b - a < interval { return true }
        guard let first = set.first, let last = set.last, first + 60 - last < interval else { return false }
        return (0...23).contains { hours & (1 << UInt64($0)) != 0 && hours & (1 << UInt64(($0 + 1) % 24)) != 0 }
    }

    /// Whether any date exists on which it fires: not for the 30th of February alone.
    public var everFires: Bool {
        // Of two days either is enough, and each month has every day of the week.
        guard anyDay || anyWeekday else { return true }
        return (1...12).contains { month in
            // Of a leap year: each of its dates falls on every day of the week at last.
            let dates: UInt64 = 1 << UInt64(Self.length(2000, month) + 1) - 1
            return has(months, month) && days & dates != 0
        }
    }

    /// Whether the schedule fires in that minute.
    public func matches(_ moment: Moment) -> Bool {
        has(minutes, moment.minute) && has(hours, moment.hour) && firesOn(moment.year, moment.month, moment.day)
    }

    /// Whether the hour field leaves no hour out: such a schedule names an interval, not times of the day.
    public var firesEveryHour: Bool { hours == 1 << 24 - 1 }

    /// The first moment after the given one; nil when there is none within 41 years (the 30th of February). The rarest
    /// that exists, a 29th of February on a given day of the week, is at most 40 away.
    public func next(after moment: Moment) -> Moment? {
        var at = moment
        at.minute += 1
        for _ in 0..<(366 * 41) {
            if firesOn(at.year, at.month, at.day) {
                for hour in at.hour..<24 where has(hours, hour) {
                    let start = hour == at.hour ? at.minute : 0
                    if start < 60, let minute = (start..<60).first(where: { has(minutes, $0) }) {
                        at.hour = hour
                        at.minute = minute
                        return at
                    }
                }
            }
            at = Self.dayAfter(at)
        }
        return nil
    }

    // MARK: - Calendar

    private func has(_ set: UInt64, _ value: Int) -> Bool {
        value >= 0 && value < 64 && set & (1 << UInt64(value)) != 0
    }

    private func firesOn(_ year: Int, _ month: Int, _ day: Int) -> Bool {
        guard has(months, month) else { return false }
        let onDay = has(days, day)
        let onWeekday = has(weekdays, Self.weekday(year, month, day))
        return anyDay || anyWeekday ? onDay && onWeekday : onDay || onWeekday
    }

    private static func dayAfter(_ moment: Moment) -> Moment {
        var next = Moment(year: moment.year, month: moment.month, day: moment.day + 1, hour: 0, minute: 0)
        if next.day > length(next.year, next.month) {
            next.day = 1
            next.month += 1
            if next.month > 12 {
                next.month = 1
                next.year += 1
            }
        }
        return next
    }

    private static func length(_ year: Int, _ month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// 0 is Sunday (Sakamoto's method).
    private static func weekday(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let offsets = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
        let year = month < 3 ? year - 1 : year
        let sum = year + year / 4 - year / 100 + year / 400 + offsets[(month + 11) % 12] + day
        return ((sum % 7) + 7) % 7
    }

    // MARK: - Fields

    private static let monthNames = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    private static func field(_ text: Substring, _ range: ClosedRange<Int>, names: [String] = []) -> UInt64? {
        var set: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", omittingEmptySubsequences: false)
            guard halves.count <= 2, let bounds = bounds(halves[0], range, names) else { return nil }
            var step = 1
            var upper = bounds.upperBound
            if halves.count == 2 {
                guard let value = number(halves[1]), value > 0 else { return nil }
                step = value
                if bounds.count == 1 && halves[0] != "*" { upper = range.upperBound }
            }
            for value in stride(from: bounds.lowerBound, through: upper, by: step) { set |= 1 << UInt64(value) }
        }
        return set
    }

    private static func bounds(_ text: Substring, _ range: ClosedRange<Int>, _ names: [String]) -> ClosedRange<Int>? {
        if text == "*" { return range }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2, let low = value(ends[0], range, names),
            let high = ends.count == 2 ? value(ends[1], range, names) : low, low <= high
        else { return nil }
        return low...high
    }

    private static func value(_ text: Substring, _ range: ClosedRange<Int>, _ names: [String]) -> Int? {
        if let at = names.firstIndex(of: text.lowercased()) { return at + range.lowerBound }
        return number(text).flatMap { range.contains($0) ? $0 : nil }
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { $0 &- 0x30 < 10 } && text.utf8.count < 4 ? Int(text) : nil
    }
}
