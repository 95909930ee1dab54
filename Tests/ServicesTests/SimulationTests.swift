import BenchmarkHarness
import Foundation
import Storage
import Synchronization
import TestDatabases
import Testing

/// A share of what `plue bench simulate` plays, and proof that it finds what is wrong.
@Suite struct SimulationTests {
    /// `PLUE_TEST_SEED` is the first one.
    private static let first: UInt64 =
        ProcessInfo.processInfo.environment["PLUE_TEST_SEED"].flatMap { UInt64($0) }
        ?? UInt64(UInt32.random(in: 0...UInt32.max))

    private static func options(steps: Int) -> Simulation.Options {
        var options = Simulation.Options()
        options.steps = steps
        return options
    }

    @Test func randomSeedsBreakNoRuleOnSQLite() async throws {
        let counts = try await SimulationBenchmark(
            .memory, seeds: Self.first..<(Self.first + 20), workers: 2, Self.options(steps: 200)
        ).run()
        print("simulate sqlite PLUE_TEST_SEED=\(Self.first): \(counts.figures)")
        #expect(counts.seeds == 20 && counts.steps >= 4_000 && counts.jobs > 100)
        for fault in SimulationFault.allCases where fault != .slowCommit {
            #expect(counts.faults[fault, default: 0] > 0, "\(fault)")
        }
        #expect(counts.claimsLost > 0 && counts.lateRefused > 0)
    }

    @Test(.enabled(if: TestServer.isExpected)) func randomSeedsBreakNoRuleOnPostgreSQL() async throws {
        let database = SimulationDatabase.postgres(try TestServer.string())
        let counts = try await SimulationBenchmark(
            database, seeds: Self.first..<(Self.first + 3), workers: 1, Self.options(steps: 100)
        ).run()
        print("simulate postgres PLUE_TEST_SEED=\(Self.first): \(counts.figures)")
        #expect(counts.seeds == 3 && counts.actions > counts.steps && counts.faults[.slowCommit, default: 0] > 0)
    }

    @Test func aSeedRepeatsItself() async throws {
        var traces: [[String]] = []
        for _ in 0..<2 {
            let lines = Lines()
            var options = Self.options(steps: 150)
            options.trace = { lines.add($0) }
            _ = try await Simulation.play(4711, on: .memory, options)
            traces.append(lines.all)
        }
        let difference = zip(traces[0], traces[1]).first { $0 != $1 }
        #expect(
            difference == nil && traces[0].count == traces[1].count, "\(difference.map { "\($0)" } ?? "one is longer")")
        #expect(traces[0].count > 150)
    }

    /// What a fault of the services would leave: each is done to the database behind their back, as soon as there is a
    /// row for it.
    @Test(arguments: [
        ("a claim disappears", "DELETE FROM actions_leases", "live claim|leases are of"),
        (
            "a result changes",
            """
            UPDATE actions_job_executions SET outputs = '{"x":"y"}' WHERE id =
            (SELECT min(id) FROM actions_job_executions WHERE conclusion = 'success')
            """, "changed after its end"
        ),
        (
            "a token is given again",
            "UPDATE actions_leases SET fencing_token = fencing_token + 1", "not its newest"
        ),
        (
            "a claim is handed back",
            """
            UPDATE actions_job_assignments SET finished_at = NULL WHERE id =
            (SELECT min(id) FROM actions_job_assignments WHERE finished_at IS NOT NULL)
            """, "changed after its end"
        ),
        (
            "a job is released twice",
            """
            UPDATE actions_job_executions SET pending_needs = pending_needs - 1 WHERE id =
            (SELECT min(id) FROM actions_job_executions WHERE pending_needs > 0 AND conclusion IS NULL)
            """, "pending_needs is the count"
        ),
        (
            "a group is forgotten", "DELETE FROM actions_concurrency_slots WHERE state = 'running'",
            "without its slot|nobody holds"
        ),
        (
            "a run number is given twice",
            "UPDATE actions_workflows SET next_run_number = next_run_number - 1 WHERE next_run_number > 1",
            "numbers up to"
        ),
        (
            "a job is lost",
            "DELETE FROM actions_job_queue WHERE execution_id = (SELECT min(execution_id) FROM actions_job_queue)",
            "the queue holds"
        ),
        (
            "an attempt ends again",
            "UPDATE actions_run_attempts SET completed_at = completed_at + 1 WHERE conclusion IS NOT NULL", "attempt"
        ),
    ])
    func itFindsWhatIsDoneBehindItsBack(_ name: String, _ sql: String, _ expected: String) async throws {
        var options = Self.options(steps: 400)
        let once = Once()
        options.tamper = { step, backend in
            guard step > 120, !once.isDone else { return }
            let changes = try await backend.transaction { db in try db.execute(Statement(sql: sql)).changes }
            if changes > 0 { once.finish() }
        }
        let failure = await #expect(throws: SimulationFailure.self) {
            _ = try await Simulation.play(7, on: .memory, options)
        }
        let rule = failure?.rule ?? ""
        #expect(
            expected.split(separator: "|").contains { rule.contains($0) }, "\(name): \(rule)")
        #expect(failure?.command.contains("--seed 7 --seeds 1 --steps 400") == true)
        #expect(failure?.actions.isEmpty == false)
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private final class Once: Sendable {
        private let flag = Mutex(false)
        var isDone: Bool { flag.withLock { $0 } }
        func finish() { flag.withLock { $0 = true } }
    }
}
