import Cryptography
import Model
import QueryBuilder
import Storage
import Testing

@testable import Services

/// The tokens of jobs: what they may do, and how long.
@Suite struct JobTokenTests {
    private static let runner = Principal(.runner, "one")

    private static func code(_ body: () async throws -> Void) async -> ServiceError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? ServiceError)?.code
        }
    }

    private static func job(_ permissions: String) -> String {
        "  a: {runs-on: x, permissions: \(permissions), steps: [{run: a}]}"
    }

    /// A claimed job and its token.
    private static func begin(
        _ engine: Engine, _ permissions: String
    ) async throws -> (message: JobMessage, text: String) {
        try await engine.create(job(permissions))
        let message = try #require(try await engine.claim(1).first)
        return (message, try await engine.services.tokens.issue(for: message.assignment.token, by: runner))
    }

    @Test(arguments: TestDatabase.allCases)
    func doesWhatItsPermissionsSay(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            let target = try await engine.create(
                "  b: {runs-on: never, needs: c, steps: [{run: a}]}\n  c: {runs-on: x, steps: [{run: a}]}")
            try await engine.cancel(target)
            let elsewhere = try await Engine(services, location: "/other", runner: "two")
            let foreign = try await elsewhere.create(Self.job("{}"))
            try await elsewhere.cancel(foreign)
            for (permissions, reads, writes) in [
                ("{}", false, false), ("{contents: write}", false, false), ("{actions: read}", true, false),
                ("{actions: write}", true, true), ("read-all", true, false), ("write-all", true, true),
            ] {
                let (message, text) = try await Self.begin(engine, permissions)
                let job = try await services.tokens.principal(for: text)
                #expect(job.kind == .job && job.name == "\(message.execution.id)")
                let seen = await Self.code { _ = try await services.history.attempts(of: target.id, by: job) }
                #expect(seen == (reads ? nil : .forbidden), "\(permissions)")
                let again = await Self.code {
                    _ = try await services.runs.rerun(target.id, .all, runner: nil, actor: job.actor, by: job)
                }
                #expect(again == (writes ? nil : .forbidden), "\(permissions)")
                if writes {
                    _ = try await services.runs.cancel(target.id, by: job)
                    #expect(
                        try await engine.rows(
                            "SELECT token_id FROM actions_audit_log WHERE token_id IS NOT NULL AND action = 'run.cancel'"
                        ).isEmpty == false)
                }
                // Its own repository is always seen, another never; what no token may, this one may not.
                _ = try await services.repositories.get(engine.repository.id, by: job)
                #expect(
                    await Self.code { _ = try await services.repositories.get(elsewhere.repository.id, by: job) }
                        == .forbidden)
                #expect(
                    await Self.code { _ = try await services.history.attempts(of: foreign.id, by: job) } == .forbidden)
                #expect(await Self.code { _ = try await services.audit.list(by: job) } == .forbidden)
                #expect(
                    await Self.code { _ = try await services.queue.claim(runner: engine.runner, limit: 1, by: job) }
                        == .forbidden)
                #expect(
                    await Self.code { _ = try await services.tokens.issue(for: message.assignment.token, by: job) }
                        == .forbidden)
                #expect(
                    await Self.code {
                        try await services.runners.complete(message.assignment.token, .success, by: job)
                    } == .forbidden)
                #expect(try await services.repositories.list(by: job).items.map(\.id) == [engine.repository.id])
                try await engine.complete(message)
                #expect(
                    await Self.code { _ = try await services.repositories.get(engine.repository.id, by: job) }
                        == .forbidden)
                #expect(await Self.code { _ = try await services.tokens.principal(for: text) } == .forbidden)
            }
        }
    }

    /// A run of a stored workflow, as `workflow_dispatch` makes it on GitHub; never one of its own making.
    @Test(arguments: TestDatabase.allCases)
    func startsWhatIsStoredAlone(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            let dispatched = "on: workflow_dispatch\njobs:\n  d: {runs-on: x, steps: [{run: d}]}\n"
            let calling = "on: workflow_dispatch\njobs:\n  c: {uses: ./.github/workflows/d.yml}\n"
            let record = try await services.workflows.create(
                dispatched, filename: "d.yml", in: engine.repository.id, by: Engine.principal)
            let (message, text) = try await Self.begin(engine, "{actions: write}")
            let job = try await services.tokens.principal(for: text)
            func request(_ text: String = dispatched, path: String = "d.yml") throws -> RunRequest {
                RunRequest(
                    repository: engine.repository, source: try Engine.source(text, path: path), called: [],
                    event: "workflow_dispatch", payload: "{}", headBranch: "main", headRef: "refs/heads/main",
                    headSHA: String(repeating: "0", count: 40), isDirty: false, actor: job.actor, runner: nil)
            }
            func changed(_ change: (inout RunRequest) -> Void) throws -> RunRequest {
                var run = try request()
                change(&run)
                return run
            }
            let called = try Engine.source(
                "on: workflow_call\njobs: {x: {runs-on: x, steps: [{run: x}]}}", path: "f.yml")
            let refused: [(String, RunRequest)] = [
                ("of another content", try request(dispatched + "# more\n")),
                ("of a new file", try request(path: "e.yml")),
                ("that calls what is not stored", try changed { $0.called = [called] }),
                ("of another event", try changed { $0.event = "push" }),
                (
                    "of a workflow that nobody dispatches",
                    try request("on: push\njobs:\n" + Self.job("{actions: write}"), path: ".github/workflows/ci.yml")
                ),
                ("of an unknown commit", try changed { $0.headSHA = String(repeating: "1", count: 40) }),
                ("of another branch", try changed { $0.headRef = "refs/heads/release" }),
                ("with variables", try changed { $0.variables = #"{"A":"b"}"# }),
                ("first of all", try changed { $0.priority = 1 }),
                ("of some of its jobs", try changed { $0.selection.jobs = ["d"] }),
                ("by another name", try changed { $0.actor = "octocat" }),
                ("of a runner of its own", try changed { $0.runner = engine.runner.id }),
            ]
            for (name, run) in refused {
                let code = await Self.code { _ = try await services.runs.create(run, by: job) }
                #expect(code == .forbidden, "\(name)")
            }
            let stored = StoredRunRequest(
                workflow: record.id, event: "push", headSHA: String(repeating: "0", count: 40),
                headRef: "refs/heads/main", actor: "bot")
            #expect(await Self.code { _ = try await services.runs.create(stored, by: job) } == .forbidden)
            let delivery = EventDelivery(
                repository: engine.repository.id, source: "job", id: "1", event: "push", headRef: "refs/heads/main",
                headSHA: String(repeating: "0", count: 40), actor: "bot")
            #expect(await Self.code { _ = try await services.ingestion.deliver(delivery, by: job) } == .forbidden)
            #expect(
                await Self.code { _ = try await services.queue.add(calling, to: message.run.id, by: job) } == .forbidden
            )
            #expect(
                await Self.code {
                    _ = try await services.workflows.create(
                        calling, filename: "g.yml", in: engine.repository.id, by: job)
                } == .forbidden)
            // Its working tree says what it likes of the repository.
            let seen = try await services.workflows.repository(
                location: engine.repository.location, owner: "eve", name: "mine", defaultBranch: "evil", by: job)
            #expect(seen.owner == engine.repository.owner && seen.defaultBranch == "main")
            let workflows = try await engine.rows("SELECT filename FROM actions_workflows ORDER BY id")
            #expect(workflows.count == 2, "nothing was stored")
            let denied = try await engine.rows("SELECT id FROM actions_audit_log WHERE action = 'auth.denied'")
            #expect(denied.count == refused.count + 4)
            let run = try await services.runs.create(try request(), by: job)
            #expect(run.workflowID == record.id.rawValue && run.event == "workflow_dispatch")
            try await engine.complete(message)
            _ = try await engine.finish()
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func endsWithItsClaim(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let tokens = engine.services.tokens
            let (message, first) = try await Self.begin(engine, "{actions: write}")
            let token = message.assignment.token
            // A second one takes the place of the first.
            let text = try await tokens.issue(for: message, by: Self.runner)
            #expect(text.hasPrefix("pluej_") && text.utf8.count == 70 && text != first)
            #expect(await Self.code { _ = try await tokens.principal(for: first) } == .forbidden)
            let job = try await tokens.principal(for: text)
            #expect(job.tokenID?.utf8.count == 16)
            for wrong in ["", "pluej_", first + "0", String(text.dropLast()) + "!", text.uppercased()] {
                #expect(await Self.code { _ = try await tokens.principal(for: wrong) } == .forbidden)
            }
            // Of what cannot be a token there is nothing to tell but that it was shown.
            let nameless = try await engine.rows(
                "SELECT id FROM actions_audit_log WHERE action = 'auth.denied' AND token_id IS NULL")
            #expect(nameless.count == 4)
            // Nothing of its text is stored.
            for table in try await engine.services.backend.read({ db in try db.tables(matching: "actions%") }) {
                for row in try await engine.rows("SELECT * FROM \(table)") {
                    for name in row.columns.names { #expect(!"\(try row.value(name))".contains(text.dropFirst(6))) }
                }
            }
            let run = try await engine.run(message.run.id)
            _ = try await engine.services.runs.cancel(run.id, atOnce: true, by: Engine.principal)
            #expect(await Self.code { _ = try await tokens.principal(for: text) } == .forbidden)
            #expect(
                await Self.code { _ = try await engine.services.history.attempts(of: run.id, by: job) } == .forbidden)
            #expect(await Self.code { _ = try await tokens.issue(for: token, by: Self.runner) } == .staleAssignment)
            #expect(await Self.code { _ = try await tokens.issue(for: message, by: Self.runner) } == .staleAssignment)
            // Who came late is known by the id of the token, as is whose it was.
            let id = try #require(job.tokenID)
            let denied = try await engine.rows(
                "SELECT actor FROM actions_audit_log WHERE action = 'auth.denied' AND token_id = '\(id)' ORDER BY id"
            ).map { row in try row["actor"] as String }
            #expect(denied == ["unknown", job.name])
            let made = try await engine.rows(
                """
                SELECT l.object_id, b.body FROM actions_audit_log l JOIN actions_audit_bodies b ON b.audit_id = l.id
                WHERE l.action = 'token.create' ORDER BY l.id
                """)
            #expect(made.count == 2)
            let body: String = try #require(made.last)["body"]
            #expect(body.contains(id))
        }
    }

    /// Whoever holds a token is believed until the lease ends, also where nobody takes the job back.
    @Test(arguments: TestDatabase.allCases)
    func endsWithTheLease(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            let (message, text) = try await Self.begin(engine, "{actions: write}")
            let job = try await services.tokens.principal(for: text)
            let token = message.assignment.token
            for (end, isLive) in [(SQL.now(plus: .seconds(60)), true), (.now(plus: .microseconds(-1)), false)] {
                _ = try await services.transaction { db, _ in
                    try db.run(
                        Update("actions_leases").set("lease_until", end).where("execution_id = \(token.executionID)"))
                }
                #expect(
                    await Self.code { _ = try await services.tokens.principal(for: text) }
                        == (isLive ? nil : .forbidden))
                let obstacle = try await services.access.obstacle(to: .runRead, .run(message.run.id), by: job)
                #expect((obstacle == nil) == isLive)
            }
            // Its runner speaks again.
            _ = try await services.runners.renew([engine.runner.id], claims: [token], by: Self.runner)
            #expect(try await services.tokens.principal(for: text) == job)
            try await engine.complete(message)
        }
    }

    /// The job goes to another runner: the token of the first claim is over, also while the second has none.
    @Test(arguments: TestDatabase.allCases)
    func isLostWithTheLease(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            let registered = try await services.runners.register(
                RunnerRegistration(name: "far", labels: ["far"]), by: Engine.principal)
            _ = try await services.runners.updateStatus(registered.id, .online, by: Engine.principal)
            var request = try RunRequest(
                repository: engine.repository,
                source: Engine.source(
                    "on: push\njobs:\n  a: {runs-on: far, permissions: write-all, steps: [{run: a}]}\n"),
                called: [], event: "push", payload: "{}", headBranch: "main", headRef: "refs/heads/main",
                headSHA: String(repeating: "0", count: 40), isDirty: false, actor: "octocat", runner: nil)
            request.priority = 1
            _ = try await services.runs.create(request, by: Engine.principal)
            let far = Principal(.runner, "far")
            let message = try #require(try await services.queue.claim(registered.id, limit: 1, by: far).first)
            let text = try await services.tokens.issue(for: message, by: far)
            let job = try await services.tokens.principal(for: text)
            try await services.runners.giveBack(message.assignment.token, by: far)
            let again = try #require(try await services.queue.claim(registered.id, limit: 1, by: far).first)
            #expect(again.assignment.fencingToken == message.assignment.fencingToken + 1)
            let target = AccessTarget.run(message.run.id)
            #expect(try await services.access.obstacle(to: .runRead, target, by: job) != nil)
            _ = try await services.tokens.issue(for: again, by: far)
            #expect(try await services.access.obstacle(to: .runRead, target, by: job) != nil)
            #expect(await Self.code { _ = try await services.tokens.principal(for: text) } == .forbidden)
            try await services.runners.complete(again.assignment.token, .success, by: far)
        }
    }

    /// What a fork asked for reads, whatever its file says.
    @Test(arguments: TestDatabase.allCases)
    func ofAForkReads(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let services = engine.services
            let payload =
                #"{"pull_request":{"head":{"repo":{"id":2}},"base":{"repo":{"id":1}}},"repository":{"id":1}}"#
            let request = RunRequest(
                repository: engine.repository,
                source: try Engine.source(
                    "on: pull_request\njobs:\n  a: {runs-on: x, permissions: write-all, steps: [{run: a}]}\n"),
                called: [], event: "pull_request", payload: payload, headBranch: nil, headRef: "refs/pull/1/merge",
                headSHA: String(repeating: "0", count: 40), isDirty: false, actor: "stranger", runner: engine.runner.id)
            let run = try await services.runs.create(request, by: Engine.principal)
            let message = try #require(try await engine.claim(1).first)
            let token = message.assignment.token
            for isInProcess in [true, false] {
                let text =
                    try await isInProcess
                    ? services.tokens.issue(for: message, by: Self.runner)
                    : services.tokens.issue(for: token, by: Self.runner)
                let job = try await services.tokens.principal(for: text)
                #expect(job.authority?.permissions["actions"] == "read")
                #expect(try await services.access.obstacle(to: .runRead, .run(run.id), by: job) == nil)
                #expect(try await services.access.obstacle(to: .runCancel, .run(run.id), by: job) != nil)
            }
            try await engine.complete(message)
            // Nor does a job of the repository start what it brought, or run it again.
            let (own, shown) = try await Self.begin(engine, "{actions: write}")
            let job = try await services.tokens.principal(for: shown)
            #expect(
                await Self.code {
                    _ = try await services.runs.rerun(run.id, .all, runner: nil, actor: job.actor, by: job)
                } == .forbidden)
            var dispatch = RunRequest(
                repository: engine.repository,
                source: try Engine.source(
                    "on: workflow_dispatch\njobs:\n  a: {runs-on: x, steps: [{run: a}]}\n", path: "d.yml"),
                called: [], event: "workflow_dispatch", payload: "{}", headBranch: nil, headRef: "refs/pull/1/merge",
                headSHA: String(repeating: "0", count: 40), isDirty: false, actor: job.actor, runner: nil)
            _ = try await services.workflows.create(
                dispatch.source.text, filename: "d.yml", in: engine.repository.id, by: Engine.principal)
            #expect(await Self.code { _ = try await services.runs.create(dispatch, by: job) } == .forbidden)
            dispatch.headRef = "refs/heads/main"
            _ = try await services.runs.create(dispatch, by: job)
            try await engine.complete(own)
            _ = try await engine.finish()
        }
    }

    /// Rows with and without a token are sealed; who takes the token from a row, or gives it one, is found.
    @Test(arguments: TestDatabase.allCases)
    func isBoundByTheAuditLog(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            let engine = lab.engine
            let (message, text) = try await Self.begin(engine, "{actions: read}")
            let job = try await engine.services.tokens.principal(for: text)
            #expect(
                await Self.code { _ = try await engine.services.runs.cancel(message.run.id, by: job) } == .forbidden)
            _ = try await lab.audit.seal()
            #expect(try await lab.audit.verify().problems.isEmpty)
            let denied = try await lab.number("(SELECT max(id) FROM actions_audit_log WHERE token_id IS NOT NULL)")
            let plain = try await lab.number("(SELECT min(id) FROM actions_audit_log WHERE token_id IS NULL)")
            for (row, value) in [(denied, "NULL"), (denied, "'x'"), (plain, "'x'")] {
                let own = row == denied ? "'\(job.tokenID ?? "")'" : "NULL"
                try await lab.tamper("UPDATE actions_audit_log SET token_id = \(value) WHERE id = \(row)")
                let report = try await lab.audit.verify()
                #expect(report.problems.map(\.kind) == [.edited] && report.problems.first?.auditID == row, "\(report)")
                try await lab.tamper("UPDATE actions_audit_log SET token_id = \(own) WHERE id = \(row)")
            }
            #expect(try await lab.audit.verify().problems.isEmpty)
            try await engine.complete(message)
        }
    }
}
