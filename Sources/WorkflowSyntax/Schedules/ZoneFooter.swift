/// The rule at the end of a TZif file, a POSIX `TZ` string with the extensions of RFC 8536: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneFooter: Sendable, Equatable {
    /// A day of each year, and the time of that day as a clock shows it.
    struct Change: Sendable, Equatable {
        enum Day: Sendable, Equatable {
            /// `Jn`: 1–365, the 29th of February is never counted.
            case withoutLeapDay(Int)
            /// `n`: 0–365.
            case ofYear(Int)
            /// `Mm.w.d`: the week 5 is the last one, the day 0 Sunday.
            case ofMonth(Int, week: Int, weekday: Int)
        }

        var day: Day
        /// Seconds, within ±167 hours.
        var time: Int

        /// What the clock shows then, in seconds since it showed the beginning of 1970.
        func clock(in year: Int) -> Int64 {
            let days: Int64
            switch day {
            case .withoutLeapDay(let number):
                let leap = CivilDate.isLeap(year) && number >= 60 ? 1 : 0
                days = CivilDate.days(year: year, month: 1, day: 1) + Int64(number - 1 + leap)
            case .ofYear(let number): days = CivilDate.days(year: year, month: 1, day: 1) + Int64(number)
            case .ofMonth(let month, let week, let weekday):
                let first = CivilDate.days(year: year, month: month, day: 1)
                let next = CivilDate.days(year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1)
                let distance = (weekday - CivilDate.weekday(first) + 7) % 7
                var at = first + Int64(distance + 7 * (week - 1))
                while at >= next { at -= 7 }
                days = at
            }
            return days * CivilDate.secondsOfDay + Int64(time)
        }
    }

    struct Daylight: Sendable, Equatable {
        var offset: Int
        /// In standard time.
        var start: Change
        /// In daylight saving time.
        var end: Change
    }

    let offset: Int
    let daylight: Daylight?

    /// Nil for a text that is none.
    init?(_ text: [UInt8]) {
        var reader = Reader(text: text)
        guard reader.name(), let west = reader.time(hours: 24) else { return nil }
        offset = -west
        if reader.isAtEnd {
            daylight = nil
            return
        }
        guard reader.name() else { return nil }
        var other = offset + 3600
        if !reader.isNext(",") {
            guard let west = reader.time(hours: 24) else { return nil }
            other = -west
        }
        guard reader.skip(","), let start = reader.change(), reader.skip(","), let end = reader.change(),
            reader.isAtEnd
        else { return nil }
        daylight = Daylight(offset: other, start: start, end: end)
    }

    /// The span that holds an instant.
    func span(at instant: Int64) -> ZoneRules.Span {
        // Of instants so far away no year is known to be asked for.
        guard let daylight, abs(instant / 2) < 1 << 54 else {
            return ZoneRules.Span(start: .min, end: .max, offset: offset)
        }
        let day = CivilDate.secondsOfDay
        let year = CivilDate.civil((instant - (instant % day + day) % day) / day).year
        // Where an end and a start fall together, daylight saving time goes on: so a zone can have it all year.
        let changes = (year - 2...year + 2).flatMap { year in
            [
                (at: daylight.end.clock(in: year) - Int64(daylight.offset), offset: offset, rank: 0),
                (at: daylight.start.clock(in: year) - Int64(offset), offset: daylight.offset, rank: 1),
            ]
        }.sorted { ($0.at, $0.rank) < ($1.at, $1.rank) }
        let last = changes.last { $0.at <= instant }
        let next = changes.first { $0.at > instant }
        return ZoneRules.Span(start: last?.at ?? .min, end: next?.at ?? .max, offset: last?.offset ?? offset)
    }
}

extension ZoneFooter {
    fileprivate struct Reader {
        let text: [UInt8]
        var at = 0

        init(text: [UInt8]) {
            self.text = text
        }

        var isAtEnd: Bool { at == text.count }

        func isNext(_ character: Unicode.Scalar) -> Bool {
            at < text.count && UInt32(text[at]) == character.value
        }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard isNext(character) else { return false }
            at += 1
            return true
        }

        /// `CEST` or `<+0330>`.
        mutating func name() -> Bool {
            let quoted = skip("<")
            let start = at
            while at < text.count {
                let byte = text[at]
                let isLetter = (0x41...0x5A).contains(byte & 0xDF)
                let isOther = (0x30...0x39).contains(byte) || byte == 0x2B || byte == 0x2D
                guard isLetter || quoted && isOther else { break }
                at += 1
            }
            return at - start >= 3 && (!quoted || skip(">"))
        }

        /// At most three digits, within a range.
        mutating func number(_ range: ClosedRange<Int>) -> Int? {
            var value = 0
            let start = at
            while at < text.count, at - start < 3, (0x30...0x39).contains(text[at]) {
                value = value * 10 + Int(text[at] - 0x30)
                at += 1
            }
            return at > start && range.contains(value) ? value : nil
        }

        /// `[+-]h[:m[:s]]` in seconds.
        mutating func time(hours: Int) -> Int? {
            let sign = skip("-") ? -1 : 1
            if sign == 1 { _ = skip("+") }
            guard var value = number(0...hours).map({ $0 * 3600 }) else { return nil }
            for unit in [60, 1] where skip(":") {
                guard let part = number(0...59) else { return nil }
                value += part * unit
            }
            return sign * value
        }

        mutating func change() -> Change? {
            guard let day = day() else { return nil }
            guard skip("/") else { return Change(day: day, time: 7200) }
            return time(hours: 167).map { Change(day: day, time: $0) }
        }

        private mutating func day() -> Change.Day? {
            if skip("J") { return number(1...365).map { .withoutLeapDay($0) } }
            guard skip("M") else { return number(0...365).map { .ofYear($0) } }
            guard let month = number(1...12), skip("."), let week = number(1...5), skip("."),
                let weekday = number(0...6)
            else { return nil }
            return .ofMonth(month, week: week, weekday: weekday)
        }
    }
}
