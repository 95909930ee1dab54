import Model
import QueryBuilder
import Storage
import TestSupport
import Testing
import WorkflowSyntax

@testable import Services

/// What is removed when it is old, and what stays.
@Suite struct RetentionTests {
    private static let day: Int64 = 86_400
    private static let job = "  a: {runs-on: x, steps: [{run: a}]}"
    private static let counted = [
        "actions_workflow_runs", "actions_run_attempts", "actions_job_executions", "actions_job_assignments",
        "actions_steps", "actions_log_chunks", "actions_transitions", "actions_events", "actions_workflow_versions",
        "actions_audit_log", "actions_daily_jobs", "actions_retention", "actions_legal_holds",
    ]

    private static func counts(_ backend: any StorageBackend) async throws -> [String: Int64] {
        let tables = counted
        return try await backend.read { db in
            try Dictionary(
                uniqueKeysWithValues: tables.map { table in
                    let row = try #require(try db.execute(Statement(sql: "SELECT count(*) AS n FROM \(table)")).first)
                    return (table, try row["n"] as Int64)
                })
        }
    }

    /// A run that has ended, with two chunks of a log.
    private static func ended(
        _ engine: Engine, _ jobs: String = job, path: String = ".github/workflows/ci.yml"
    ) async throws -> WorkflowRun {
        let run = try await engine.create(jobs, path: path)
        while let message = try await engine.claim(1).first {
            for sequence in 0..<2 as Range<Int64> {
                let line = LogLine(step: 1, stream: .stdout, microseconds: 7, text: "line \(sequence)")
                try await engine.services.runners.report(
                    [.log(sequence: sequence, firstLine: sequence + 1, firstByte: sequence * 7, [line])],
                    of: message.assignment, by: Engine.principal)
            }
            try await engine.complete(message)
        }
        return try await engine.run(run.id)
    }

    /// As if the run, and its event, were so old.
    private static func age(_ run: WorkflowRun, seconds: Int64, _ services: Services) async throws {
        try await services.backend.transaction { db in
            let at = try RunScheduler.time(on: db).advanced(by: .seconds(-seconds))
            _ = try db.run([
                Update("actions_workflow_runs").set("created_at", at).set("started_at", at).set("completed_at", at)
                    .where("id = \(run.id)").and("completed_at IS NOT NULL"),
                Update("actions_workflow_runs").set("created_at", at).set("started_at", at)
                    .where("id = \(run.id)").and("started_at IS NOT NULL"),
                Update("actions_events").set("created_at", at).where("id = \(run.eventID ?? 0)"),
            ])
        }
    }

    private static func prune(
        _ engine: Engine, _ classes: Set<RetentionClass> = Set(RetentionClass.allCases), limit: Int? = nil
    ) async throws -> [RetentionClass: Int] {
        let before = try await counts(engine.services.backend)
        let dry = try await engine.services.retention.prune(classes, dryRun: true, by: Engine.principal)
        #expect(try await counts(engine.services.backend) == before)
        let results = try await engine.services.retention.prune(classes, limit: limit, by: Engine.principal)
        if limit == nil { #expect(dry == results) }
        try await engine.check()
        return rows(results)
    }

    private static func rows(_ results: [PruneResult]) -> [RetentionClass: Int] {
        // The audit log's bodies go by months: AuditRetentionTests.
        let counts = results.filter { $0.retentionClass != .audit }.map { ($0.retentionClass, $0.rows) }
        return Dictionary(uniqueKeysWithValues: counts)
    }

    private static func runs(_ engine: Engine) async throws -> Set<RunID> {
        Set(try await engine.services.history.runs().map(\.run.id))
    }

    private static func audited(_ services: Services) async throws -> [String] {
        var filter = AuditService.Filter()
        filter.action = "retention.prune"
        return try await services.audit.list(filter, by: Engine.principal).items.map { "\($0)" }
    }

    @Test(arguments: TestDatabase.allCases)
    func limitsToTheSecond(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            var all: [WorkflowRun] = []
            for _ in 0..<5 { all.append(try await Self.ended(engine)) }
            // A minute for the time that the test takes.
            for (run, seconds) in zip(
                all, [400 * Self.day + 1, 400 * Self.day - 60, 90 * Self.day + 1, 90 * Self.day - 60, 0])
            {
                try await Self.age(run, seconds: seconds, services)
            }
            let waiting = try await engine.create(Self.job)
            let running = try await engine.create(Self.job)
            for run in [waiting, running] { try await Self.age(run, seconds: 1_000 * Self.day, services) }
            _ = try await engine.claim(1)

            #expect(try await Self.prune(engine) == [.logs: 6, .runs: 1, .events: 1])
            #expect(try await Self.runs(engine) == Set((all.dropFirst() + [waiting, running]).map(\.id)))
            var left: [Int] = []
            for run in all.dropFirst() {
                let job = try await engine.job("a", of: run)
                left.append(try await services.logs.read(job.id).count)
                #expect(try await services.logs.tail(job.id, count: 10).count == left.last)
                let removal = try await services.logs.removal(of: job.id)
                #expect((removal == nil) == (left.last == 2) && removal?.days ?? 90 == 90)
            }
            #expect(left == [0, 0, 2, 2])
            #expect(try await Self.audited(services).count == 3)
            #expect(try await Self.prune(engine) == [.logs: 0, .runs: 0, .events: 0])
            #expect(try await Self.audited(services).count == 3, "nothing was removed: nothing is told")
            // What was counted stays.
            let sums = try await engine.rows("SELECT sum(succeeded) AS n FROM actions_daily_jobs WHERE job_path = ''")
            #expect(try sums.first?["n"] as Int64? == 5)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func repositoriesHaveLimitsOfTheirOwn(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            let other = try await Engine(services, location: "/other")
            let user = Engine.principal
            let mine = try await Self.ended(engine)
            let theirs = try await Self.ended(other)
            for run in [mine, theirs] { try await Self.age(run, seconds: 10 * Self.day, services) }
            try await services.retention.set(.runs, days: 9, for: other.repository.id, by: user)
            #expect(try await services.retention.days(.logs, in: other.repository.id, by: user) == 9)
            #expect(try await services.retention.days(.logs, in: engine.repository.id, by: user) == 90)
            #expect(try await Self.prune(engine, [.runs]) == [.runs: 1])
            #expect(try await Self.runs(engine) == [mine.id])
            // A longer one too.
            try await services.retention.set(.logs, days: 5, by: user)
            try await services.retention.set(.logs, days: 30, for: engine.repository.id, by: user)
            #expect(try await Self.prune(engine, [.logs]) == [.logs: 0])
            try await services.retention.set(.logs, days: nil, for: engine.repository.id, by: user)
            #expect(try await Self.prune(engine, [.logs]) == [.logs: 2])
            try await services.retention.set(.logs, days: nil, by: user)
            let settings = try await services.retention.settings(by: user)
            #expect(settings.map(\.days) == [90, 400, 90, 400, 9])
            for days in [0, -1, 36_501] as [Int64] {
                await #expect(throws: ServiceError.self) {
                    try await services.retention.set(.runs, days: days, by: user)
                }
            }
            await #expect(throws: ServiceError.self) {
                try await services.retention.set(.runs, days: 3, for: ID(999), by: user)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whatIsHeldStays(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            let other = try await Engine(services, location: "/other")
            let user = Engine.principal
            let held = try await Self.ended(engine)
            let free = try await Self.ended(engine)
            let theirs = try await Self.ended(other)
            for run in [held, free, theirs] { try await Self.age(run, seconds: 500 * Self.day, services) }
            try await engine.write(
                """
                INSERT INTO actions_events (repository_id, source, delivery_id, event, payload_sha256, payload,
                created_at, processed_at) SELECT repository_id, 'x', 'x', event, payload_sha256, payload, created_at,
                processed_at FROM actions_events WHERE id = \(theirs.eventID ?? 0)
                """)
            let first = try await services.retention.hold(.run(held.id), reason: "case 1", by: user)
            let second = try await services.retention.hold(.run(held.id), reason: "case 2", by: user)
            #expect(first.replaced == nil && second.replaced == first.hold)
            try await services.retention.hold(.repository(other.repository.id), reason: "case 3", by: user)
            #expect(try await services.retention.holds(by: user).map(\.reason) == ["case 2", "case 3"])
            #expect(try await Self.prune(engine)[.runs] == 1)
            #expect(try await Self.runs(engine) == [held.id, theirs.id])
            let job = try await engine.job("a", of: held)
            #expect(try await services.logs.read(job.id).count == 2)
            let deliveries = try await engine.rows("SELECT id FROM actions_events WHERE source = 'x'")
            #expect(deliveries.count == 1)
            await #expect(throws: ServiceError.self) {
                try await services.repositories.delete(other.repository.id, by: user)
            }
            await #expect(throws: StorageError.self) {
                try await engine.write("DELETE FROM actions_workflow_runs WHERE id = \(held.id)")
            }
            #expect(try await services.retention.release(.run(held.id), by: user))
            #expect(try await !services.retention.release(.run(held.id), by: user))
            #expect(try await services.retention.release(.repository(other.repository.id), by: user))
            #expect(try await Self.prune(engine)[.runs] == 2)
            #expect(try await Self.runs(engine).isEmpty)
            for held in [.run(ID(999)), .repository(ID(999))] as [RetentionService.Held] {
                await #expect(throws: ServiceError.self) {
                    try await services.retention.hold(held, reason: "x", by: user)
                }
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func versionsGoWithTheirLastRun(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            func call(_ word: String) async throws -> WorkflowRun {
                let run = try await engine.create(
                    "  c: {uses: ./.github/workflows/called.yml}",
                    called: ["called.yml": "on: workflow_call\njobs: {b: {runs-on: x, steps: [{run: \(word)}]}}"],
                    path: ".github/workflows/caller.yml")
                try await engine.finish()
                return run
            }
            let first = try await Self.ended(engine)
            let second = try await Self.ended(engine, "  b: {runs-on: x, steps: [{run: b}]}")
            let calls = [try await call("one"), try await call("one"), try await call("two")]
            #expect(try await Self.counts(services.backend)["actions_workflow_versions"] == 5)
            for run in [first, second, calls[0]] { try await Self.age(run, seconds: 500 * Self.day, services) }
            #expect(try await Self.prune(engine)[.runs] == 3)
            // That of `first` went; `second` is current, `one` and `two` are used.
            #expect(try await Self.counts(services.backend)["actions_workflow_versions"] == 4)
            try await Self.age(calls[1], seconds: 500 * Self.day, services)
            #expect(try await Self.prune(engine)[.runs] == 1)
            #expect(try await Self.counts(services.backend)["actions_workflow_versions"] == 3)
            // The content comes back.
            _ = try await Self.ended(engine)
            _ = try await call("one")
        }
    }

    /// A call that was skipped has no job; the run names its version alone.
    @Test(arguments: TestDatabase.allCases)
    func versionsThatARunNamesStay(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            func call(_ word: String, _ condition: String) async throws -> WorkflowRun {
                let run = try await engine.create(
                    "  c: {if: \(condition), uses: ./.github/workflows/called.yml}",
                    called: ["called.yml": "on: workflow_call\njobs: {b: {runs-on: x, steps: [{run: \(word)}]}}"],
                    path: ".github/workflows/caller.yml")
                try await engine.finish()
                return run
            }
            let old = try await call("one", "true")
            let skipped = try await call("one", "false")
            _ = try await call("two", "true")
            try await Self.age(old, seconds: 500 * Self.day, engine.services)
            #expect(try await Self.prune(engine)[.runs] == 1)
            try await engine.rerun(skipped, .all)
            try await engine.finish()
            #expect(try await engine.run(skipped.id).conclusion == .skipped)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func runsAgainWithoutItsLogs(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            let run = try await Self.ended(engine)
            try await Self.age(run, seconds: 100 * Self.day, services)
            #expect(try await Self.prune(engine)[.logs] == 2)
            #expect(try await Self.runs(engine) == [run.id])
            try await engine.rerun(run, .all)
            let message = try #require(try await engine.claim(1).first)
            let line = LogLine(step: 1, stream: .stdout, microseconds: 7, text: "again")
            try await services.runners.report(
                [.log(sequence: 0, firstLine: 1, firstByte: 0, [line])], of: message.assignment, by: Engine.principal)
            try await engine.complete(message)
            let job = try await engine.job("a", of: run)
            #expect(try await services.logs.read(job.id).map(\.text) == ["again"])
            #expect(try await services.logs.removal(of: job.id) == nil)
            #expect(try await Self.prune(engine)[.logs] == 0)
            try await Self.age(try await engine.run(run.id), seconds: 100 * Self.day, services)
            #expect(try await Self.prune(engine)[.logs] == 1)
            #expect(try await services.logs.removal(of: job.id) != nil)
        }
    }

    /// Stopped after some transactions, and within one; then by a limit.
    @Test(arguments: TestDatabase.allCases)
    func goesOnWhereItWasStopped(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            var all: [WorkflowRun] = []
            for _ in 0..<8 { all.append(try await Self.ended(engine)) }
            for (index, run) in all.enumerated() {
                try await Self.age(run, seconds: 500 * Self.day - Int64(index) * 60, services)
            }
            let isPostgres = database == .postgres
            if isPostgres {
                try await engine.write(
                    """
                    CREATE FUNCTION test_stop() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN RAISE EXCEPTION ''stopped''; END'
                    """)
            }
            let body = isPostgres ? "EXECUTE FUNCTION test_stop()" : "BEGIN SELECT RAISE(ABORT, 'stopped'); END"
            let each = isPostgres ? "FOR EACH ROW " : ""
            try await engine.write(
                """
                CREATE TRIGGER test_stop BEFORE DELETE ON actions_workflow_runs \(each)WHEN (old.id = \(all[5].id))
                \(body)
                """)
            var retention = services.retention
            retention.batch = PruneBatch(runs: 2, jobs: 1, rows: 3)
            await #expect(throws: StorageError.self) { try await retention.prune(by: Engine.principal) }
            try await engine.check()
            #expect(try await Self.runs(engine) == Set(all.dropFirst(5).map(\.id)))
            #expect(try await Self.audited(services).count == 2, "16 chunks and 5 runs are told")
            try await engine.write("DROP TRIGGER test_stop" + (isPostgres ? " ON actions_workflow_runs" : ""))
            #expect(try await Self.prune(engine, limit: 1) == [.logs: 0, .runs: 1, .events: 1])
            #expect(try await Self.runs(engine) == Set(all.dropFirst(6).map(\.id)))
            retention.batch = PruneBatch(runs: 2, jobs: 100, rows: 3)
            let last = try await retention.prune(by: Engine.principal)
            try await engine.check()
            #expect(Self.rows(last) == [.logs: 0, .runs: 2, .events: 6])
            #expect(try await Self.runs(engine).isEmpty)
        }
    }

    /// The server ends the connection within transactions.
    @Test(arguments: TestDatabase.allCases.filter { $0 == .postgres })
    func outlivesLostConnections(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            for _ in 0..<6 {
                try await Self.age(try await Self.ended(engine), seconds: 500 * Self.day, engine.services)
            }
            try await engine.services.backend.transaction { db in
                try db.executeScript(
                    """
                    CREATE SEQUENCE test_deletes;
                    CREATE FUNCTION test_kill() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        IF nextval('test_deletes') IN (2, 4) THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                        RETURN old;
                    END $$;
                    CREATE TRIGGER test_kill BEFORE DELETE ON actions_workflow_runs FOR EACH ROW
                    EXECUTE FUNCTION test_kill();
                    """)
            }
            var retention = engine.services.retention
            retention.batch.runs = 2
            let results = try await retention.prune(by: Engine.principal)
            #expect(Self.rows(results) == [.logs: 12, .runs: 6, .events: 5])
            #expect(try await engine.rows("SELECT last_value AS n FROM test_deletes").first?["n"] as Int64? ?? 0 >= 8)
        }
    }

    /// Several prunings, runs that are run again and holds that are set, at the same time.
    @Test(arguments: TestDatabase.allCases)
    func manyAtOnce(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let engine = try await Engine(services, location: "/r")
            var all: [WorkflowRun] = []
            for _ in 0..<24 {
                let run = try await Self.ended(engine)
                try await Self.age(run, seconds: 500 * Self.day, services)
                all.append(run)
            }
            let runs = all
            try await race.together(5) { index, generator, services in
                var retention = services.retention
                retention.batch = PruneBatch(runs: 2, jobs: 100, rows: 3)
                if index < 3 {
                    _ = try await retention.prune(by: Race.principal)
                    return
                }
                for run in runs.reversed().prefix(12) where Bool.random(using: &generator) {
                    do {
                        if index == 3 {
                            try await retention.hold(.run(run.id), reason: "x", by: Race.principal)
                            // From here on it is there.
                            #expect(try await services.history.run(run.id) != nil)
                        } else {
                            _ = try await services.runs.rerun(
                                run.id, .all, runner: engine.runner.id, actor: "hubot", by: Race.principal)
                        }
                    } catch let error as ServiceError {
                        #expect(error.code == .notFound, "\(error)")
                    }
                }
            }
            _ = try await services.retention.prune(by: Race.principal)
            let held = Set(try await services.retention.holds(by: Race.principal).compactMap(\.runID))
            let open = Set(
                try await services.history.runs(limit: 100).filter { $0.run.conclusion == nil }.map(\.run.id))
            #expect(try await Self.runs(engine) == held.union(open))
            let told = try await race.numbers("SELECT sum(untold) AS n FROM actions_retention")
            #expect(told == [[0]])
        }
    }

    @Test(arguments: TestDatabase.allCases.filter { $0 == .postgres })
    func emptyMonthsAreDropped(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            let run = try await Self.ended(engine)
            try await Partitions.ensure(
                services.backend, from: Timestamp(iso8601: "2024-01-15T00:00:00Z"), months: 3)
            func months() async throws -> [String] {
                try await engine.rows(
                    """
                    SELECT c.relname::text AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                    WHERE i.inhparent IN ('actions_log_chunks'::regclass, 'actions_transitions'::regclass)
                    AND c.relname LIKE '%\\_2024%' ORDER BY 1
                    """
                ).map { row in try row["name"] }
            }
            #expect(try await months().count == 6)
            let current = try await engine.rows("SELECT count(*) AS n FROM pg_inherits").count
            // One is used.
            try await engine.write(
                """
                INSERT INTO actions_transitions (run_id, object, object_id, to_state, actor, created_at)
                VALUES (\(run.id), 'job', 0, 'x', 'x', '2024-02-03')
                """)
            _ = try await services.retention.prune(by: Engine.principal)
            #expect(try await months() == ["actions_transitions_202402"])
            #expect(try await engine.rows("SELECT count(*) AS n FROM pg_inherits").count == current)
            try await Self.age(run, seconds: 500 * Self.day, services)
            _ = try await services.retention.prune(by: Engine.principal)
            #expect(try await months().isEmpty)
            _ = try await Self.ended(engine)
        }
    }
}
