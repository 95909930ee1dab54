import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct ScheduleTests {
    private func occurrences(_ cron: String, _ zone: ZoneRules, _ count: Int, after instant: Int64) throws -> [String] {
        ScheduleOccurrences(try #require(CronExpression(cron)), in: zone).next(count, after: instant)
            .compactMap { zone.iso8601($0).map { String($0.dropFirst(5).dropLast(9)) + $0.suffix(6) } }
    }

    // 2026-03-29T01:00:00Z and 2026-10-25T01:00:00Z, of Central Europe.
    private let spring: Int64 = 1_774_746_000
    private let autumn: Int64 = 1_792_890_000

    @Test func utcByDefault() throws {
        let all = try occurrences("30 5,17 * * *", .utc, 3, after: 1_774_746_000)
        #expect(all == ["03-29T05:30+00:00", "03-29T17:30+00:00", "03-30T05:30+00:00"])
        // Strictly after.
        #expect(try occurrences("0 1 29 3 *", .utc, 1, after: spring - 1) == ["03-29T01:00+00:00"])
        #expect(try occurrences("0 1 29 MAR *", .utc, 1, after: spring) == ["03-29T01:00+00:00"])
        #expect(ScheduleOccurrences(try #require(CronExpression("0 1 29 3 *"))).next(after: spring) == 1_806_282_000)
        #expect(try occurrences("0 0 30 2 *", .utc, 1, after: 0).isEmpty)
        // The next 29th of February that is a Sunday is in 2032.
        let rare = ScheduleOccurrences(try #require(CronExpression("0 0 29 2 */7")))
        #expect(rare.next(after: 1_700_000_000) == 1_961_625_600)
    }

    @Test func aTimeThatIsSkippedFiresAtTheNextOne() throws {
        let berlin = try ZoneRules(tzif: TZifFixture.berlin)
        for (cron, before, expected) in [
            ("30 2 * * *", 86_401, ["03-28T02:30+01:00", "03-29T03:00+02:00", "03-30T02:30+02:00"]),
            ("0,15,30 2 * * *", 84_601, ["03-28T02:30+01:00", "03-29T03:00+02:00", "03-30T02:00+02:00"]),
            ("0 2,3 * * *", 84_601, ["03-28T03:00+01:00", "03-29T03:00+02:00", "03-30T02:00+02:00"]),
            ("30 2 29 3 *", 5_401, ["03-29T03:00+02:00", "03-29T02:30+02:00", "03-29T02:30+02:00"]),
            // An interval goes on.
            ("30 * * * *", 5_401, ["03-29T00:30+01:00", "03-29T01:30+01:00", "03-29T03:30+02:00"]),
            (
                "*/30 0-23 * * *", 5_401,
                ["03-29T00:30+01:00", "03-29T01:00+01:00", "03-29T01:30+01:00", "03-29T03:00+02:00"]
            ),
        ] {
            let found = try occurrences(cron, berlin, expected.count, after: spring - Int64(before))
            #expect(found == expected, "\(cron)")
        }
    }

    @Test func aTimeThatComesTwiceFiresOnce() throws {
        let berlin = try ZoneRules(tzif: TZifFixture.berlin)
        for (cron, expected) in [
            ("30 2 * * *", ["10-25T02:30+02:00", "10-26T02:30+01:00"]),
            ("*/30 2 * * *", ["10-25T02:00+02:00", "10-25T02:30+02:00", "10-26T02:00+01:00"]),
            ("0 */2 * * *", ["10-25T02:00+02:00", "10-25T04:00+01:00"]),
            ("30 * * * *", ["10-25T02:30+02:00", "10-25T02:30+01:00", "10-25T03:30+01:00"]),
            (
                "*/20 * * * *",
                [
                    "10-25T02:00+02:00", "10-25T02:20+02:00", "10-25T02:40+02:00", "10-25T02:00+01:00",
                    "10-25T02:20+01:00",
                ]
            ),
        ] {
            #expect(try occurrences(cron, berlin, expected.count, after: autumn - 3_601) == expected, "\(cron)")
        }
        // Asked between the two, what already fired does not fire again.
        #expect(try occurrences("30 2 * * *", berlin, 1, after: autumn + 60) == ["10-26T02:30+01:00"])
        #expect(try occurrences("30 2 * * *", berlin, 1, after: autumn - 1) == ["10-26T02:30+01:00"])
    }

    /// Beside a reference that looks at each minute, around the changes of clocks.
    @Test(.enabled(if: SystemZones.isPresent)) func agreesWithEachMinute() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("ScheduleTests seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var total = 0
        for name in SystemZones.samples.prefix(8) {
            let zone = try ZoneRules.named(name, in: SystemZones())
            for _ in 0..<10 {
                // Offsets have full minutes since the seventies.
                var change = zone.span(at: Int64.random(in: 400_000_000...2_500_000_000, using: &random)).end
                if change > 1 << 33 { change = 1_325_239_200 }
                if name == "Pacific/Apia", random.once(in: 2) { change = 1_325_239_200 }
                let start = (change - Int64.random(in: 0...150_000, using: &random)) / 60 * 60
                let text = Self.cron(&random, near: change, zone)
                let cron = try #require(CronExpression(text), "\(text)")
                let end = start + 3 * 86_400
                let slow = Self.minutes(cron, zone, start, end)
                let schedule = ScheduleOccurrences(cron, in: zone)
                var fast: [Int64] = []
                while let next = schedule.next(after: fast.last ?? start), next <= end { fast.append(next) }
                #expect(fast == slow, "'\(text)' in \(name) from \(start), seed \(seed)")
                total += fast.count
            }
        }
        #expect(total > 500, "seed \(seed)")
    }

    /// What fires in `start + 1 ... end`.
    private static func minutes(_ cron: CronExpression, _ zone: ZoneRules, _ start: Int64, _ end: Int64) -> [Int64] {
        var fired: [Int64] = []
        var latest = Int64.min
        for instant in stride(from: start - 2 * 86_400, through: end, by: 60) {
            let shown = instant + Int64(zone.offset(at: instant))
            let fires: Bool
            if cron.firesEveryHour {
                fires = cron.matches(CronExpression.Moment(clock: shown))
            } else if latest == .min {
                fires = false
            } else {
                fires = stride(from: latest + 60, through: shown, by: 60).contains {
                    cron.matches(CronExpression.Moment(clock: $0))
                }
            }
            latest = max(latest, shown)
            if fires, instant > start { fired.append(instant) }
        }
        return fired
    }

    private static func cron(_ random: inout SeededGenerator, near change: Int64, _ zone: ZoneRules) -> String {
        let at = CronExpression.Moment(clock: change + Int64(zone.offset(at: change)))
        func pick(_ choices: [String]) -> String { choices.randomElement(using: &random) ?? "*" }
        let hour = (at.hour + Int.random(in: -2...2, using: &random) + 24) % 24
        return [
            pick(["*", "*/5", "*/7", "0", "30", "0,15,45", "59", "10-20", "10-50/9", "\(at.minute)"]),
            pick(["*", "*", "*/2", "\(hour)", "\(hour)", "\(hour),\((hour + 1) % 24)", "0-23", "1-4", "0", "23"]),
            pick(["*", "*", "*", "\(at.day)", "*/2"]), pick(["*", "*", "\(at.month)"]),
            pick(["*", "*", "*", "0", "SUN,SAT", "MON-FRI"]),
        ].joined(separator: " ")
    }
}
