import Model
import QueryBuilder
import Storage
import Synchronization
import TestSupport
import Testing
import WorkflowSyntax

@testable import Services

/// Stored schedules: what they follow, when they fire, and that they do so once.
@Suite struct ScheduleTests {
    private static let zones = TZifFixture(["Europe/Berlin": TZifFixture.berlin])
    private static let sha = String(repeating: "5", count: 40)
    private static let path = ".github/workflows/ci.yml"
    private static let start = Timestamp(microseconds: 1_790_000_000_000_000)

    private static func file(_ crons: String..., zone: String? = nil) -> String {
        let lines = crons.map { "    - cron: '\($0)'\n" + (zone.map { "      timezone: \($0)\n" } ?? "") }
        return "on:\n  schedule:\n" + lines.joined() + "jobs: {a: {runs-on: x, steps: [{run: a}]}}\n"
    }

    private static func push(_ files: [String: String], _ engine: Engine, id: String) async throws {
        var delivery = EventDelivery(
            repository: engine.repository.id, source: "test", id: id, event: "push", headRef: "refs/heads/main",
            headSHA: sha, actor: "octocat", files: files)
        delivery.changedFiles = []
        _ = try await engine.services.ingestion.deliver(delivery, by: Engine.principal)
        try await engine.check()
    }

    @discardableResult
    private static func fire(_ engine: Engine) async throws -> ScheduleFirings {
        let firings = try await engine.services.schedules.fire(zones: zones)
        for (id, error) in firings.failures { Issue.record("schedule \(id): \(error)") }
        try await engine.check()
        return firings
    }

    private static func schedules(_ engine: Engine) async throws -> [Schedule] {
        try await engine.services.schedules.list(by: Engine.principal).map(\.schedule)
    }

    /// As if no server had been there since.
    private static func setDue(_ time: Timestamp, _ engine: Engine) async throws {
        try await engine.services.backend.transaction { db in
            _ = try db.run(
                Update("actions_schedules").set("next_due_at", time).set("plan_from", nil as Timestamp?)
                    .where("next_due_at IS NOT NULL"))
        }
    }

    private static func now(_ engine: Engine) async throws -> Timestamp {
        try await engine.services.backend.read { db in try RunScheduler.time(on: db) }
    }

    /// The beginning of the minute so long ago.
    private static func minute(ago minutes: Int64, _ engine: Engine) async throws -> Timestamp {
        let now = try await now(engine).microseconds
        return Timestamp(microseconds: now / 60_000_000 * 60_000_000 - minutes * 60_000_000)
    }

    private static func occurrences(_ engine: Engine) async throws -> [ScheduleOccurrence] {
        var all: [ScheduleOccurrence] = []
        for schedule in try await schedules(engine) {
            all += try await engine.services.schedules.occurrences(
                of: schedule.id, limit: 1000, by: Engine.principal)
        }
        return all
    }

    private static func runs(_ engine: Engine) async throws -> [WorkflowRun] {
        try await engine.services.history.runs(limit: 1000).map(\.run).filter { $0.event == "schedule" }
    }

    @Test(arguments: TestDatabase.allCases)
    func aDueScheduleMakesARunOfTheDefaultBranch(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await engine.write(
                "INSERT INTO actions_variables (repository_id, name, value, created_at, updated_at)"
                    + " SELECT id, 'A', 'b', created_at, created_at FROM actions_repositories")
            try await Self.push([Self.path: Self.file("* * * * *", "0 0 30 2 *")], engine, id: "1")
            #expect(try await Self.fire(engine).runs.isEmpty, "they are planned only")
            let planned = try await Self.schedules(engine)
            let next = try #require(planned.first { $0.cron == "* * * * *" }?.nextDueAt)
            #expect(planned.allSatisfy { $0.planFrom == nil && $0.timezone == "UTC" })
            #expect(planned.first { $0.cron == "0 0 30 2 *" }?.nextDueAt == nil)
            let pushed = try await Self.now(engine)
            #expect(next > pushed.advanced(by: .seconds(-60)) && next.microseconds % 60_000_000 == 0)

            let due = try await Self.minute(ago: 0, engine)
            try await Self.setDue(due, engine)
            let id = try #require(try await Self.fire(engine).runs.first)
            #expect(try await Self.fire(engine).runs.isEmpty)
            let run = try await engine.run(id)
            #expect(run.headSHA == Self.sha && run.headRef == "refs/heads/main" && run.headBranch == "main")
            #expect(run.actor == "octocat" && run.event == "schedule" && run.runNumber == 1)
            #expect(run.variables.contains(#""b""#), "\(run.variables)")
            let event = try #require(
                try await engine.rows("SELECT payload FROM actions_events WHERE event = 'schedule'").first)
            let payload = try ExpressionValue(json: event["payload"])
            #expect(payload.text(at: "schedule") == "* * * * *" && payload.text(at: "workflow") == Self.path)
            #expect(payload.text(at: "repository", "full_name") == "octo/cat")
            let occurrence = try #require(try await Self.occurrences(engine).first)
            #expect(occurrence.runID == id && occurrence.outcome == .fired && occurrence.dueAt == due)
            #expect(try await Self.schedules(engine).first { $0.cron == "* * * * *" }?.lastFiredAt == due)
        }
    }

    /// Eight servers, each in a hurry.
    @Test(arguments: TestDatabase.allCases)
    func serversFireEachOccurrenceOnce(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let count = 20
            let files = (0..<count).map { (".github/workflows/\($0).yml", Self.file("* * * * *")) }
            try await Self.push(Dictionary(uniqueKeysWithValues: files), engine, id: "1")
            try await Self.fire(engine)
            for schedule in try await Self.schedules(engine) {
                try await engine.services.schedules.setMissedPolicy(
                    .runAll, of: schedule.workflowID, by: Engine.principal)
            }
            let first = try await Self.minute(ago: 3, engine)
            try await Self.setDue(first, engine)
            let backend = engine.services.backend
            // A minute may have begun since they were stored.
            let earlier = try await Self.runs(engine).map(\.id)
            let fired = try await withThrowingTaskGroup(of: [RunID].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var runs: [RunID] = []
                        for _ in 0..<3 {
                            let firings = try await Services(backend: backend).schedules.fire(zones: Self.zones)
                            for (id, error) in firings.failures { Issue.record("schedule \(id): \(error)") }
                            runs += firings.runs
                        }
                        return runs
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let told = earlier + fired
            let runs = try await Self.runs(engine)
            #expect(Set(told).count == told.count && Set(told) == Set(runs.map(\.id)))
            let occurrences = try await Self.occurrences(engine)
            #expect(occurrences.allSatisfy { $0.outcome == .fired })
            #expect(Set(occurrences.compactMap(\.runID)) == Set(told) && occurrences.count == told.count)
            for schedule in try await Self.schedules(engine) {
                let own = occurrences.filter { $0.scheduleID == schedule.id }.map(\.dueAt.microseconds).sorted()
                #expect(own.count >= 4 && own[0] == first.microseconds)
                #expect(zip(own, own.dropFirst()).allSatisfy { $0 + 60_000_000 == $1 }, "none was left out")
            }
            #expect(try await engine.rows("SELECT id FROM actions_events WHERE event = 'schedule'").count == told.count)
        }
    }

    /// A run that cannot start says why, and the schedule goes on.
    @Test(arguments: TestDatabase.allCases)
    func whatCannotStartIsARunThatFailed(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let text = Self.file("* * * * *").replacing(
                "{runs-on: x, steps: [{run: a}]}", with: "{uses: ./.github/workflows/none.yml}")
            try await Self.push([Self.path: text], engine, id: "1")
            try await Self.fire(engine)
            let due = try await Self.minute(ago: 0, engine)
            try await Self.setDue(due, engine)
            let id = try #require(try await Self.fire(engine).runs.first)
            #expect(try await engine.run(id).conclusion == .startupFailure)
            // A minute may have begun before, and fired.
            #expect(try await Self.occurrences(engine).contains { $0.runID == id })
            #expect(try await Self.schedules(engine).first?.nextDueAt.map { $0 > due } == true)
        }
    }

    /// A server that dies before its commit has done nothing.
    @Test(arguments: TestDatabase.allCases)
    func whatWasRolledBackFiresAgain(_ database: TestDatabase) async throws {
        struct Killed: Error {}
        try await Engine.with(database) { engine in
            try await Self.push([Self.path: Self.file("* * * * *")], engine, id: "1")
            try await Self.fire(engine)
            let time = try await Self.minute(ago: 0, engine)
            try await Self.setDue(time, engine)
            let services = engine.services
            let due = try #require(
                try await services.backend.read { db in
                    try db.first(ScheduleService.due(except: [])).map { try ScheduleService.Due($0, Self.zones) }
                })
            let firing = ScheduleFiring(
                due: due, head: .stored, remote: RemoteFiles(), refusal: nil, services: services)
            await #expect(throws: Killed.self) {
                try await services.transaction { db, changes in
                    guard case .fired = try firing.step(changes, on: db) else { return }
                    throw Killed()
                }
            }
            #expect(try await Self.runs(engine).isEmpty)
            #expect(try await Self.occurrences(engine).isEmpty)
            #expect(try await Self.schedules(engine).first?.nextDueAt == time)
            #expect(try await Self.fire(engine).runs.count == 1)
            #expect(try await Self.fire(engine).runs.isEmpty)
            #expect(try await Self.runs(engine).map(\.runNumber) == [1])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func afterADowntimeThePolicyDecides(_ database: TestDatabase) async throws {
        for policy in Schedule.MissedPolicy.allCases {
            try await Engine.with(database) { engine in
                try await Self.push([Self.path: Self.file("* * * * *")], engine, id: "1")
                // A minute that begins just now has fired already: then this says nothing of a downtime.
                guard try await Self.fire(engine).runs.isEmpty else { return }
                let workflow = try #require(try await Self.schedules(engine).first?.workflowID)
                try await engine.services.schedules.setMissedPolicy(policy, of: workflow, by: Engine.principal)
                let minutes: Int64 = 130
                let first = try await Self.minute(ago: minutes, engine)
                try await Self.setDue(first, engine)
                let firings = try await Self.fire(engine)
                var occurrences = try await Self.occurrences(engine).sorted { $0.dueAt < $1.dueAt }
                let fired = occurrences.filter { $0.outcome == .fired }
                let missed = occurrences.filter { $0.outcome == .missed }
                #expect(fired.map(\.runID) == firings.runs)
                #expect(missed.allSatisfy { $0.reason != nil && $0.runID == nil })
                switch policy {
                case .skip:
                    #expect((4...6).contains(fired.count) && missed.count == DuePlan.limit, "\(fired.count)")
                    #expect(missed.allSatisfy { $0.dueAt < fired[0].dueAt })
                case .runOnce:
                    #expect(fired.count == 1 && missed.count == DuePlan.limit && fired == occurrences.suffix(1))
                case .runAll:
                    #expect(fired.count == ScheduleService.limit && missed.isEmpty && fired[0].dueAt == first)
                    try await Self.fire(engine)
                    occurrences = try await Self.occurrences(engine)
                    #expect(occurrences.count >= Int(minutes) + 1 && occurrences.count <= Int(minutes) + 3)
                    #expect(try await Self.runs(engine).count == occurrences.count)
                }
                #expect(try await Self.fire(engine).runs.count <= 1, "all is done")
            }
        }
    }

    /// 02:30 in Berlin, hour by hour over both changes of its clocks.
    @Test(arguments: [TestDatabase.sqliteMemory, .sqliteFile])
    func daylightSavingTime(_ database: TestDatabase) async throws {
        let clock = Mutex<Int64>(0)
        try await Engine.with(database, clock: DatabaseClock { clock.withLock { $0 } }) { engine in
            let expected = [
                ("2026-03-27T12:00:00Z", ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"]),
                ("2026-10-23T12:00:00Z", ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]),
            ]
            for (index, (text, times)) in expected.enumerated() {
                let first = try #require(Timestamp(iso8601: text)).microseconds
                clock.withLock { $0 = first }
                let file = ".github/workflows/\(index).yml"
                try await Self.push(
                    [file: Self.file("30 2 * * *", zone: "Europe/Berlin")], engine, id: text)
                for half in 0..<(2 * 72) as Range<Int64> {
                    clock.withLock { $0 = first + half * 1_800_000_000 + 5_000_000 }
                    try await Self.fire(engine)
                }
                let found = try await Self.occurrences(engine).reversed()
                #expect(found.map { String($0.dueAt.iso8601.prefix(16)) } == times)
                #expect(found.allSatisfy { $0.outcome == .fired })
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whatCannotRunIsNotDue(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            let user = Engine.principal
            try await Self.push([Self.path: Self.file("* * * * *")], engine, id: "1")
            try await Self.fire(engine)
            let workflow = try #require(try await Self.schedules(engine).first?.workflowID)
            let steps: [(off: () async throws -> Void, on: () async throws -> Void)] = [
                (
                    { _ = try await services.workflows.setEnabled(workflow, false, by: user) },
                    { _ = try await services.workflows.setEnabled(workflow, true, by: user) }
                ),
                (
                    { _ = try await services.repositories.setArchived(true, of: engine.repository.id, by: user) },
                    { _ = try await services.repositories.setArchived(false, of: engine.repository.id, by: user) }
                ),
                (
                    { try await Self.push([:], engine, id: "gone") },
                    { try await Self.push([Self.path: Self.file("* * * * *")], engine, id: "back") }
                ),
            ]
            for (off, on) in steps {
                try await Self.setDue(Self.minute(ago: 1, engine), engine)
                try await off()
                let due = try await engine.rows("SELECT id FROM actions_schedules WHERE next_due_at IS NOT NULL")
                #expect(due.isEmpty)
                #expect(try await Self.fire(engine).runs.isEmpty)
                try await on()
                try await Self.fire(engine)
                let next = try #require(try await Self.schedules(engine).first?.nextDueAt)
                #expect(try await next > Self.minute(ago: 1, engine), "nothing is made up for")
            }
            #expect(try await Self.runs(engine).count <= 3)

            // Whoever wrote to the tables himself is told why nothing ran.
            let before = try await Self.runs(engine).count
            try await Self.setDue(Self.minute(ago: 0, engine), engine)
            try await engine.write("UPDATE actions_workflows SET state = 'disabled_manually'")
            let firings = try await Self.fire(engine)
            #expect(firings.runs.isEmpty && firings.skipped == 1)
            #expect(try await Self.occurrences(engine).first?.reason == "the workflow is disabled_manually")
            #expect(try await Self.runs(engine).count == before)
            // Archived: a new workflow's schedules wait too.
            _ = try await services.repositories.setArchived(true, of: engine.repository.id, by: user)
            try await Self.push([".github/workflows/b.yml": Self.file("* * * * *")], engine, id: "archived")
            #expect(try await Self.schedules(engine).allSatisfy { $0.nextDueAt == nil })
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func idleRepositories(_ database: TestDatabase) async throws {
        let days = ScheduleFiring.idleDays * 86_400
        for (age, isAsked, fires) in [
            (days - 60, true, true), (days + 1, true, false), (days + 1, false, true), (days + 90_000, true, false),
        ] {
            try await Engine.with(database) { engine in
                let services = engine.services
                try await Self.push([Self.path: Self.file("* * * * *")], engine, id: "1")
                _ = try await services.repositories.setDisablesIdleSchedules(
                    isAsked, of: engine.repository.id, by: Engine.principal)
                try await Self.fire(engine)
                try await services.backend.transaction { db in
                    let time = SQL.now(plus: .seconds(-age))
                    _ = try db.run([
                        Update("actions_events").set("created_at", time).where("1 = 1"),
                        Update("actions_workflows").set("created_at", time).set("updated_at", time).where("1 = 1"),
                    ])
                }
                // A minute may have begun before the first firing, which then was of this occurrence.
                try await engine.write("DELETE FROM actions_schedule_occurrences")
                try await Self.setDue(Self.minute(ago: 0, engine), engine)
                let firings = try await Self.fire(engine)
                #expect(firings.runs.isEmpty != fires, "\(age)")
                let row = try #require(
                    try await engine.rows("SELECT state, state_reason FROM actions_workflows").first)
                #expect(try row["state"] as String == (fires ? "active" : "disabled_inactivity"))
                #expect((try row["state_reason"] as String? == nil) == fires)
                if fires { return }
                #expect(try await Self.schedules(engine).first?.nextDueAt == nil)
                let skipped = try #require(try await Self.occurrences(engine).first)
                #expect(skipped.outcome == .skipped && skipped.reason?.contains("60 days") == true)
                let audit = try await engine.rows(
                    "SELECT id FROM actions_audit_log WHERE action = 'workflow.update' AND actor_kind = 'system'")
                #expect(audit.count == 1)
                // Enabled by hand, it goes on for 60 days.
                let workflow = try #require(try await Self.schedules(engine).first?.workflowID)
                _ = try await services.workflows.setEnabled(workflow, true, by: Engine.principal)
                try await Self.fire(engine)
                try await Self.setDue(Self.minute(ago: 0, engine), engine)
                _ = try await engine.services.backend.transaction { db in
                    try db.run(Delete("actions_schedule_occurrences").where("1 = 1")).count
                }
                #expect(try await Self.fire(engine).runs.count == 1)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func rowsFollowTheDefaultBranch(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await Self.push([Self.path: Self.file("0 1 * * *", "0 2 * * *", "0 1 * * *")], engine, id: "1")
            try await Self.fire(engine)
            let first = try await Self.schedules(engine)
            #expect(first.map(\.cron) == ["0 1 * * *", "0 2 * * *"])
            try await engine.services.schedules.setMissedPolicy(
                .skip, of: first[0].workflowID, by: Engine.principal)

            // What stays keeps its time, what is new is planned, with the policy of the others.
            try await Self.push([Self.path: Self.file("0 2 * * *", "0 3 * * *")], engine, id: "2")
            let second = try await Self.schedules(engine)
            #expect(second.map(\.cron) == ["0 2 * * *", "0 3 * * *"] && second[0].id == first[1].id)
            #expect(second[0].nextDueAt == first[1].nextDueAt && second[1].planFrom != nil)
            #expect(second.allSatisfy { $0.missedPolicy == .skip })
            try await Self.fire(engine)
            let third = try await Self.schedules(engine)
            let hour = try #require(third[1].nextDueAt).microseconds / 3_600_000_000 % 24
            #expect(hour == 3, "the time moved with the cron")

            // Another branch changes nothing.
            _ = try await engine.services.ingestion.deliver(
                EventDelivery(
                    repository: engine.repository.id, source: "test", id: "3", event: "push",
                    headRef: "refs/heads/other", headSHA: Self.sha, actor: "octocat",
                    files: [Self.path: Self.file("0 4 * * *")]), by: Engine.principal)
            #expect(try await Self.schedules(engine).map(\.id) == third.map(\.id))
            // A file that cannot be read waits.
            try await Self.push([Self.path: "on: schedule\njobs: []\n"], engine, id: "4")
            #expect(try await Self.schedules(engine).allSatisfy { $0.nextDueAt == nil })
            try await Self.push([Self.path: Self.file("0 2 * * *")], engine, id: "5")
            let last = try await Self.schedules(engine)
            #expect(last.map(\.id) == [second[0].id] && last[0].planFrom != nil && last[0].missedPolicy == .skip)
            // And with their repository they go.
            try await engine.services.repositories.delete(engine.repository.id, by: Engine.principal)
            #expect(try await engine.rows("SELECT id FROM actions_schedules").isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func withoutACommitNothingRuns(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            _ = try await services.workflows.create(
                Self.file("* * * * *"), filename: Self.path, in: engine.repository.id, by: Engine.principal)
            try await Self.fire(engine)
            let due = try await Self.minute(ago: 0, engine)
            try await Self.setDue(due, engine)
            // Left to a server that knows.
            let left = try await services.schedules.fire(zones: Self.zones) { _ in .elsewhere }
            #expect(left.runs.isEmpty && left.skipped == 0)
            #expect(try await Self.schedules(engine).first?.nextDueAt == due)
            let skipped = try await Self.fire(engine)
            #expect(skipped.runs.isEmpty && skipped.skipped == 1)
            #expect(try await Self.occurrences(engine).first?.reason == "no commit of main is known")
            try await Self.setDue(Self.minute(ago: -1, engine).advanced(by: .seconds(-60)), engine)
            _ = try await engine.services.backend.transaction { db in
                try db.run(Delete("actions_schedule_occurrences").where("1 = 1")).count
            }
            let known = try await services.schedules.fire(zones: Self.zones) { _ in .commit(Self.sha) }
            #expect(try await engine.run(#require(known.runs.first)).headSHA == Self.sha)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aZoneThatIsNotKnownIsLookedForAgain(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await Self.push(
                [Self.path: Self.file("30 2 * * *", zone: "Europe/Berlin")], engine, id: "1")
            _ = try await engine.services.schedules.fire(zones: TZifFixture([:]))
            let waiting = try #require(try await Self.schedules(engine).first)
            #expect(waiting.fault?.contains("time zone database") == true && waiting.planFrom != nil)
            #expect(try await #require(waiting.nextDueAt) > Self.now(engine).advanced(by: .seconds(3500)))
            #expect(try await Self.fire(engine).runs.isEmpty)
            #expect(try await Self.schedules(engine).first?.fault != nil, "not before the hour")
            try await engine.services.backend.transaction { db in
                _ = try db.run(Update("actions_schedules").set("next_due_at", .now).where("1 = 1"))
            }
            try await Self.fire(engine)
            let planned = try #require(try await Self.schedules(engine).first)
            #expect(planned.fault == nil && planned.planFrom == nil && planned.nextDueAt != nil)
            // What was planned keeps its occurrence while the zone is away.
            let due = try await Self.minute(ago: 0, engine)
            try await Self.setDue(due, engine)
            _ = try await engine.services.schedules.fire(zones: TZifFixture([:]))
            let kept = try #require(try await Self.schedules(engine).first)
            #expect(kept.planFrom.map { $0 < due } == true && kept.lastFiredAt == nil)
        }
    }

    /// Workflows that an earlier plue stored.
    @Test(arguments: TestDatabase.allCases)
    func theMigrationFindsWhatIsStored(_ database: TestDatabase) async throws {
        try await database.with { backend in
            try await Migrator(database.migrations).migrate(backend, to: 9)
            let filters = #"{"cron":["0 1 * * *","0 2 * * *"],"timezone":["UTC","Europe/Berlin"]}"#
            let old = #"{"cron":["0 3 * * *"]}"#
            try await backend.transaction { db in
                _ = try db.run(
                    Insert("actions_repositories").values([
                        "id": 1, "location": "/r", "owner": "o", "name": "n", "created_at": .now, "updated_at": .now,
                    ]))
                for (id, state, text) in [(1, "active", filters), (2, "disabled_manually", old), (3, "deleted", old)] {
                    _ = try db.run(
                        Insert("actions_workflows").values([
                            "id": id, "repository_id": 1, "filename": "\(id).yml", "name": "w", "state": state,
                            "created_at": .now, "updated_at": .now,
                        ]))
                    _ = try db.run(
                        Insert("actions_workflow_versions").values([
                            "id": id, "workflow_id": id, "content_sha256": String(repeating: "a", count: 64),
                            "yaml_content": "", "diagnostics": .json("[]"), "created_at": .now,
                        ]))
                    _ = try db.run(
                        Update("actions_workflows").set("current_version_id", id).where("id = \(id)"))
                    _ = try db.run(
                        Insert("actions_triggers").values([
                            "version_id": id, "repository_id": 1, "event": "schedule", "filters": .json(text),
                        ]))
                }
            }
            let services = try await Services.open(backend, migrations: database.migrations)
            let found = try await services.schedules.list(by: Engine.principal).map(\.schedule)
            #expect(found.map(\.cron).sorted() == ["0 1 * * *", "0 2 * * *", "0 3 * * *"])
            #expect(found.map(\.timezone).sorted() == ["Europe/Berlin", "UTC", "UTC"])
            #expect(found.filter { $0.planFrom != nil }.count == 2)
            #expect(try await services.doctor.check().isEmpty)
            #expect(try await services.schedules.fire(zones: Self.zones).failures.isEmpty)
            let planned = try await services.schedules.list(by: Engine.principal).map(\.schedule)
            #expect(planned.filter { $0.planFrom == nil && $0.nextDueAt != nil }.count == 2)
        }
    }
}
