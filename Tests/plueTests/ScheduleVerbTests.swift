import Foundation
import TestSupport
import Testing

/// Schedules as the verbs show them, at times that are given.
@Suite struct ScheduleVerbTests {
    private static let nightly = """
        name: Nightly
        on:
          schedule:
            - cron: '30 2 * * *'
              timezone: Europe/Berlin
            - cron: '0 5 * * MON'
        jobs:
          a: {runs-on: x, steps: [{run: "echo ${{ github.event.schedule }} on ${{ github.ref }}"}]}

        """
    private static let other = """
        on: {schedule: [{cron: '0 0 30 2 *'}]}
        jobs:
          b: {runs-on: x, steps: [{run: "echo ${{ github.event.schedule }} of ${{ github.event.workflow }}"}]}

        """

    /// With a database of one zone, the night before its clocks go forward.
    private func sandbox() throws -> (Sandbox, [String: String]) {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.nightly)
        try sandbox.workflow(Self.other, file: "never.yml")
        try sandbox.write("../zones/Europe/Berlin", Data(TZifFixture.berlin))
        return (sandbox, ["TZDIR": "\(sandbox.root)/zones"])
    }

    @Test func planShowsTheNextOccurrences() throws {
        let (sandbox, zones) = try sandbox()
        let plan = try sandbox.plue("plan", "schedule", "--after", "2026-03-28T20:00:00Z", with: zones)
        #expect(plan.code == 0)
        #expect(
            plan.out.contains(
                """
                  cron  30 2 * * *  Europe/Berlin
                        2026-03-29 03:00 +02:00  01:00 UTC
                        2026-03-30 02:30 +02:00  00:30 UTC
                        2026-03-31 02:30 +02:00  00:30 UTC
                  cron  0 5 * * MON
                        2026-03-30 05:00 UTC
                        2026-04-06 05:00 UTC
                        2026-04-13 05:00 UTC
                  run   a
                """), "\(plan)")
        #expect(plan.out.contains("  cron  0 0 30 2 *\n        never: no month has the day that it names\n"), "\(plan)")
        let json = try sandbox.plue("plan", "schedule", "--json", "--after", "2026-03-28T20:00:00Z", with: zones)
        #expect(
            json.out.contains(#""utc": "2026-03-29T01:00:00Z""#)
                && json.out.contains(#""local": "2026-03-29T03:00:00+02:00""#), "\(json)")
        // Of other events nothing is shown.
        #expect(try !sandbox.plue("plan", with: zones).out.contains("cron  "))
        let text = try sandbox.plue("plan", "schedule", "--after", "tomorrow", with: zones)
        #expect(text.code == 64 && text.err.contains("--after tomorrow"), "\(text)")
    }

    @Test func listShowsTheNextOccurrence() throws {
        let (sandbox, zones) = try sandbox()
        let list = try sandbox.plue("list", "--after", "2026-10-24T22:30:00Z", with: zones)
        #expect(list.out.contains("NEXT") && list.out.contains("2026-10-25 02:30 +02:00  00:30 UTC"), "\(list)")
        #expect(list.out.contains("schedule  never"))
        let json = try sandbox.plue("list", "--json", "--after", "2026-10-24T22:30:00Z", with: zones)
        #expect(json.out.contains(#""local": "2026-10-25T02:30:00+02:00""#), "\(json)")
        // Beside workflows without a schedule nothing changes.
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: a}]}\n")
        try sandbox.workflow("  b: {runs-on: x, steps: [{run: a}]}\n", file: "never.yml")
        #expect(try !sandbox.plue("list").out.contains("NEXT"))
    }

    @Test func withoutADatabaseTimesAreNotKnown() throws {
        let (sandbox, _) = try sandbox()
        let none = ["TZDIR": "\(sandbox.root)/nowhere"]
        let plan = try sandbox.plue("plan", "schedule", with: none)
        #expect(plan.code == 0 && plan.out.contains("this machine has no time zone database"), "\(plan)")
        #expect(try sandbox.plue("validate", with: none).code == 0)
        #expect(try sandbox.plue("list", with: none).code == 0)
    }

    @Test func validateKnowsZonesWhereThereAreSome() throws {
        let (sandbox, zones) = try sandbox()
        #expect(try sandbox.plue("validate", with: zones).code == 0)
        try sandbox.workflow(Self.nightly.replacing("Europe/Berlin", with: "Europe/Berlim"))
        let found = try sandbox.plue("validate", with: zones)
        #expect(found.code == 5)
        #expect(
            found.out.contains("ci.yml:5:17: error: There is no time zone 'Europe/Berlim' [timezone]")
                && found.out.contains("did you mean 'Europe/Berlin'?"), "\(found)")
    }

    @Test func theScheduleThatIsDue() throws {
        let (sandbox, zones) = try sandbox()
        let first = try sandbox.plue("run", "schedule", "--json", "--no-history", with: zones)
        #expect(first.out.contains("30 2 * * * on refs/heads/main"), "\(first)")
        #expect(first.out.contains("0 0 30 2 * of .github/workflows/never.yml"), "\(first)")
        try sandbox.write("due.json", #"{"schedule":"0 5 * * MON"}"#)
        let due = try sandbox.plue("run", "schedule", "--json", "--no-history", "-e", "due.json", with: zones)
        #expect(due.out.contains("0 5 * * MON on refs/heads/main"), "\(due)")
        #expect(!due.out.contains("never.yml"))
        let plan = try sandbox.plue("plan", "schedule", "-e", "due.json", with: zones)
        #expect(
            plan.out.contains("skip  .github/workflows/never.yml  — cron '0 5 * * MON' is not among '0 0 30 2 *'"),
            "\(plan)")
    }

    /// As if an occurrence had been due some minutes ago.
    private func makeDue(_ sandbox: Sandbox) throws {
        let script = """
            import sqlite3,sys,time
            c=sqlite3.connect(sys.argv[1],timeout=30)
            c.execute('UPDATE actions_schedules SET plan_from=NULL,next_due_at=?',(int(time.time())//60*60000000-120000000,))
            c.commit()
            """
        let result = try Command(
            "/usr/bin/env", ["python3", "-c", script, sandbox.database], in: sandbox.root,
            environment: sandbox.environment
        ).finish()
        #expect(result.code == 0, "\(result)")
    }

    @Test func serversFireStoredSchedules() throws {
        let sandbox = try Sandbox()
        #expect(try sandbox.plue("schedule", "list").code == 64)
        try sandbox.workflow(
            """
            on: {workflow_dispatch: , schedule: [{cron: '* * * * *'}]}
            jobs: {a: {runs-on: ubuntu-latest, steps: [{run: "cat file; echo 'by=${{ github.event.schedule }}'"}]}}

            """)
        try sandbox.write("file", "committed\n")
        try sandbox.shell("git add -A; git commit -qm more")
        try sandbox.write("file", "changed\n")
        #expect(try sandbox.plue("run", "workflow_dispatch").code == 0)
        let before = try sandbox.plue("schedule", "list")
        #expect(before.code == 0 && before.out.contains("run_once") && before.out.contains("active"), "\(before)")
        #expect(try sandbox.plue("schedule", "policy", "ci.yml", "never").code == 64)
        #expect(try sandbox.plue("schedule", "policy", "no.yml", "skip").code == 64)
        #expect(try sandbox.plue("schedule", "policy", "ci.yml", "run_all").code == 0)
        #expect(try sandbox.plue("schedule", "policy", "ci.yml", "run_once").code == 0)

        try makeDue(sandbox)
        let server = try sandbox.start("runner", "start")
        #expect(sandbox.wait { (try? sandbox.plue("logs", "2").out.contains("by=* * * * *")) == true })
        server.signal(SIGINT)
        #expect(try server.finish().code == 0)
        let log = try sandbox.plue("logs", "2").out
        #expect(log.contains("committed") && !log.contains("changed"), "\(log)")
        let record = try #require(try sandbox.plue("schedule", "list", "--json").records.first ?? nil)
        #expect(record["missed_policy"] as? String == "run_once" && record["last_fired_at"] is String, "\(record)")
        let last = try #require(record["last"] as? [String: Any])
        #expect(last["outcome"] as? String == "fired" && last["run"] is Int, "\(record)")
        #expect(try sandbox.plue("doctor").code == 0)
    }
}
