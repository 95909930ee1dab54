/// Days of the Gregorian calendar as numbers: 0 is the 1st of January 1970.
enum CivilDate {
    static let secondsOfDay: Int64 = 86_400

    /// Howard Hinnant, "chrono-compatible low-level date algorithms". `month` is 1–12.
    static func days(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }

    /// The inverse of ``days(year:month:day:)``.
    static func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = yearOfEra + era * 400 + (month < 10 ? 0 : 1)
        return (year, month < 10 ? month + 3 : month - 9, dayOfYear - (153 * month + 2) / 5 + 1)
    }

    /// 0 is Sunday.
    static func weekday(_ days: Int64) -> Int {
        let rest = Int((days + 4) % 7)
        return rest < 0 ? rest + 7 : rest
    }

    static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }
}

extension CronExpression.Moment {
    /// The minute that a clock shows, `seconds` after it showed 1970-01-01 00:00.
    init(clock seconds: Int64) {
        let inDay = ((seconds % CivilDate.secondsOfDay) + CivilDate.secondsOfDay) % CivilDate.secondsOfDay
        let date = CivilDate.civil((seconds - inDay) / CivilDate.secondsOfDay)
        self.init(
            year: date.year, month: date.month, day: date.day, hour: Int(inDay / 3600), minute: Int(inDay / 60 % 60))
    }

    /// The inverse of ``init(clock:)``, at the full minute.
    var clock: Int64 {
        CivilDate.days(year: year, month: month, day: day) * CivilDate.secondsOfDay + Int64(hour * 3600 + minute * 60)
    }
}
