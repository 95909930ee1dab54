import Testing

@testable import WorkflowSyntax

@Suite struct CronTests {
    @Test(arguments: [
        "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "@daily", "*/0 * * * *", "a * * * *",
        "5-1 * * * *", "* * * * * *", "", "1,, * * * *", "-1 * * * *",
    ])
    func refuses(_ text: String) {
        #expect(CronExpression(text) == nil)
    }

    @Test func findsTheNextMoment() throws {
        let start = CronExpression.Moment(year: 2024, month: 2, day: 28, hour: 23, minute: 59)
        let leap = try #require(CronExpression("30 4 29 FEB *"))
        #expect(leap.next(after: start) == .init(year: 2024, month: 2, day: 29, hour: 4, minute: 30))
        let monday = try #require(CronExpression("0 9 * * MON-FRI"))
        let friday = CronExpression.Moment(year: 2026, month: 7, day: 31, hour: 9, minute: 0)
        #expect(monday.next(after: friday) == .init(year: 2026, month: 8, day: 3, hour: 9, minute: 0))
        // A step beyond the field leaves its first value, and a star beside Monday means both: the month's first Monday.
        let first = try #require(CronExpression("0 8 */100,1-7 * MON"))
        #expect(first.next(after: friday) == .init(year: 2026, month: 8, day: 3, hour: 8, minute: 0))
        #expect(first.next(after: first.next(after: friday) ?? friday)?.day == 7)
        let never = try #require(CronExpression("0 0 30 2 *"))
        #expect(never.next(after: start) == nil)
    }

    @Test func knowsShortIntervals() throws {
        for (text, short) in [
            ("*/4 * * * *", true), ("*/5 * * * *", false), ("58,1 * * * *", true), ("58,1 3 * * *", false),
        ] {
            #expect(try #require(CronExpression(text)).fires(moreOftenThanEvery: 5) == short, "\(text)")
        }
    }
}
