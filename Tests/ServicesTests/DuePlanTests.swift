import Model
import Storage
import TestSupport
import Testing
import WorkflowSyntax

@testable import Services

/// What becomes of occurrences that were missed: a pure function.
@Suite struct DuePlanTests {
    private static let noon: Int64 = 1_790_000_000 / 86_400 * 86_400 + 43_200

    private func occurrences(_ cron: String, in zone: ZoneRules = .utc) throws -> ScheduleOccurrences {
        ScheduleOccurrences(try #require(CronExpression(cron)), in: zone)
    }

    @Test func onTimeEachPolicyFiresIt() throws {
        let hourly = try occurrences("0 * * * *")
        for policy in Schedule.MissedPolicy.allCases {
            let plan = DuePlan(hourly, policy, due: Self.noon, now: Self.noon + 20)
            #expect(plan.fires == Self.noon && plan.missed.isEmpty && plan.next == Self.noon + 3600)
        }
    }

    @Test func afterADowntime() throws {
        let hourly = try occurrences("0 * * * *")
        let now = Self.noon + 5 * 3600 + 600
        let hours = (0...5).map { Self.noon + Int64($0) * 3600 }
        let skip = DuePlan(hourly, .skip, due: Self.noon, now: now)
        #expect(skip.fires == nil && skip.missed == hours && skip.next == Self.noon + 6 * 3600)
        let once = DuePlan(hourly, .runOnce, due: Self.noon, now: now)
        #expect(once.fires == hours[5] && once.missed == Array(hours[..<5]) && once.next == Self.noon + 6 * 3600)
        let all = DuePlan(hourly, .runAll, due: Self.noon, now: now)
        #expect(all.fires == Self.noon && all.missed.isEmpty && all.next == hours[1])
    }

    /// Less than five minutes late is not missed.
    @Test func theGraceOfSkip() throws {
        let hourly = try occurrences("0 * * * *")
        for (late, fires) in [(299, true), (300, false), (301, false)] as [(Int64, Bool)] {
            let plan = DuePlan(hourly, .skip, due: Self.noon, now: Self.noon + late)
            #expect((plan.fires == Self.noon) == fires && plan.missed.isEmpty == fires && plan.next == Self.noon + 3600)
        }
        // Every minute: those of the last five minutes one by one.
        let minutes = try occurrences("* * * * *")
        var due: Int64? = Self.noon
        var fired: [Int64] = []
        var missed: [Int64] = []
        while let at = due, at <= Self.noon + 610 {
            let plan = DuePlan(minutes, .skip, due: at, now: Self.noon + 610)
            if let fires = plan.fires { fired.append(fires) }
            missed += plan.missed
            due = plan.next
        }
        #expect(missed == (0...5).map { Self.noon + $0 * 60 } && fired == (6...10).map { Self.noon + $0 * 60 })
    }

    /// However long it was, little is computed and told.
    @Test(arguments: ["* * * * *", "0 0 1 * *", "0 0 29 2 *", "30 2 * * *"])
    func yearsLater(_ cron: String) throws {
        let berlin = try ZoneRules(tzif: TZifFixture.berlin)
        let schedule = try occurrences(cron, in: berlin)
        let first = try #require(schedule.next(after: Self.noon))
        let now = first + 12 * 365 * 86_400 + 7
        let plan = DuePlan(schedule, .runOnce, due: first, now: now)
        #expect(plan.missed.count <= DuePlan.limit)
        let fires = try #require(plan.fires)
        #expect(fires <= now && schedule.next(after: fires).map { $0 > now } == true, "the newest fires")
        #expect(zip(plan.missed, plan.missed.dropFirst() + [fires]).allSatisfy { schedule.next(after: $0) == $1 })
    }

    /// The rules of the zone changed since it was planned: what was planned fires.
    @Test func aTimeThatIsNoneAnyMore() throws {
        let daily = try occurrences("30 2 * * *")
        let plan = DuePlan(daily, .runOnce, due: Self.noon, now: Self.noon + 60)
        #expect(plan.fires == Self.noon && plan.missed.isEmpty)
    }
}
