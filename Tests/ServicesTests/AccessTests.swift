import Foundation
import Model
import Storage
import Testing

@testable import Services

/// Who may do what: every action, every role, every place.
@Suite struct AccessTests {
    private static let admin = Principal(.user, "root")

    /// The lowest role of each action, and what a job's token needs, as GitHub and the design have them; written down a
    /// second time, so that a slip in the table is seen.
    private static let expected: [AccessAction: (Role, job: String?)] = [
        .repositoryRead: (.read, "none"), .repositoryCreate: (.admin, nil), .repositoryUpdate: (.admin, nil),
        .repositoryDelete: (.admin, nil), .workflowRead: (.read, "read"), .workflowUpdate: (.write, nil),
        .runRead: (.read, "read"), .runCreate: (.write, "write"), .runCancel: (.write, "write"),
        .runRerun: (.write, "write"), .runApprove: (.write, nil), .jobReview: (.read, nil),
        .runPrioritize: (.maintain, nil), .queueRead: (.read, "read"), .queueUpdate: (.maintain, nil),
        .scheduleRead: (.read, "read"), .scheduleUpdate: (.write, nil), .statisticsRead: (.read, "read"),
        .environmentRead: (.read, "read"), .environmentUpdate: (.admin, nil), .secretRead: (.admin, nil),
        .variableRead: (.write, nil), .variableUpdate: (.admin, nil), .keyRead: (.admin, nil),
        .keyUpdate: (.admin, nil),
        .secretUpdate: (.admin, nil), .runnerRead: (.admin, nil), .runnerUpdate: (.admin, nil),
        .runnerWork: (.admin, nil), .serverWork: (.admin, nil), .accessRead: (.admin, nil),
        .accessUpdate: (.admin, nil), .auditRead: (.admin, nil), .retentionRead: (.admin, nil),
        .retentionUpdate: (.admin, nil), .databaseExport: (.admin, nil), .databaseRestore: (.admin, nil),
        .databaseCheck: (.admin, nil), .runExecute: (.write, nil), .eventDeliver: (.write, nil),
        .jobCreate: (.write, nil),
    ]

    private static func order(_ role: Role) -> Int {
        [Role.read, .triage, .write, .maintain, .admin].firstIndex(of: role) ?? -1
    }

    private static func order(_ level: String) -> Int { ["none", "read", "write"].firstIndex(of: level) ?? -1 }

    private static func job(_ token: JobToken, _ repository: RepositoryID, _ level: String) -> Principal {
        Principal(
            JobAuthority(
                token: token, repositoryID: repository, permissions: ["actions": level, "contents": "write"],
                tokenID: "0123456789abcdef"))
    }

    private static func code(_ body: () async throws -> Void) async -> ServiceError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? ServiceError)?.code
        }
    }

    /// What names a principal begins with a check, or hands on to what does.
    @Test func everyCallIsChecked() throws {
        let delegates: Set<String> = [
            "follower", "setDefaultWorkflowPermissions", "setArchived", "setDisablesIdleSchedules", "setForkApproval",
            "updateGroup", "updateRepositories", "setDraining", "setPaused", "delete", "setEnabled", "complete",
            "setGranted",
            // A registration token and a just-in-time configuration are the right to use them.
            "register", "startJIT",
            // For the runner that holds the job alone, by rules of its own.
            "values", "secrets",
            // Of the database as it is after what was checked in the one that it replaced.
            "recordRestore",
            // The checks themselves.
            "check", "obstacle",
        ]
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/Services").standardized
        let files = try #require(FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String])
        var calls = 0
        for file in files where file.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            for word in ["\n    public func ", "\n    package func "] {
                for part in text.components(separatedBy: word).dropFirst() {
                    let signature = part.components(separatedBy: "{\n")[0]
                    guard signature.contains("by principal: Principal") else { continue }
                    calls += 1
                    let body = part.dropFirst(signature.count).components(separatedBy: "\n    }\n").prefix(1).joined()
                    let name = String(part.prefix { $0 != "(" })
                    let isChecked = body.contains("access.") || body.contains("try await check(")
                    #expect(isChecked || delegates.contains(name), "\(file): \(name) checks nobody")
                }
            }
        }
        #expect(calls > 100)
    }

    /// Actions × principals × places, all of them.
    @Test(arguments: TestDatabase.allCases)
    func theWholeTable(_ database: TestDatabase) async throws {
        #expect(Set(Self.expected.keys) == Set(AccessAction.allCases))
        try await Engine.with(database) { engine in
            let (services, own) = (engine.services, engine.repository.id)
            let access = services.access
            let other = try await services.repositories.create(
                owner: "octo", name: "other", organization: 8, by: Self.admin)
            let open = try await services.repositories.create(owner: "octo", name: "open", by: Self.admin)
            try await engine.write("UPDATE actions_repositories SET organization_id = 7 WHERE id = \(own)")
            try await engine.write("UPDATE actions_repositories SET visibility = 'public' WHERE id = \(open.id)")
            let run = try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let message = try #require(try await engine.claim(1).first)
            let token = message.assignment.token
            _ = try await services.tokens.issue(for: token, by: .system)

            // Before the first role users may do everything, the others no more than ever.
            for action in AccessAction.allCases {
                #expect(try await access.obstacle(to: action, .repository(own), by: Principal(.user, "eve")) == nil)
            }
            try await access.grant(.admin, to: "root", on: .installation, by: Self.admin)
            for role in Role.allCases {
                try await access.grant(role, to: "own-\(role)", on: .repository(own), by: Self.admin)
                try await access.grant(role, to: "org-\(role)", on: .organization(7), by: Self.admin)
                try await access.grant(role, to: "all-\(role)", on: .installation, by: Self.admin)
            }
            // Which of these roles hold where.
            let places: [(AccessTarget, prefixes: [String], isPublic: Bool, isOwn: Bool)] = [
                (.repository(own), ["own", "org", "all"], false, true),
                (.run(run.id), ["own", "org", "all"], false, true),
                (.job(token.executionID), ["own", "org", "all"], false, true),
                (.workflow(WorkflowID(run.workflowID)), ["own", "org", "all"], false, true),
                (.runner(engine.runner.id), ["own", "org", "all"], false, true),
                (.repository(other.id), ["all"], false, false), (.repository(open.id), ["all"], true, false),
                (.organization(7), ["org", "all"], false, false), (.organization(8), ["all"], false, false),
                (.installation, ["all"], false, false), (.run(RunID(999)), ["all"], false, false),
                (.runnerGroup(RunnerGroupID(999)), ["all"], false, false),
            ]
            var checked = 0
            for action in AccessAction.allCases {
                let (lowest, permission) = try #require(Self.expected[action])
                for (target, prefixes, isPublic, isOwn) in places {
                    var principals: [(Principal, Bool)] = [
                        (.system, true), (Self.admin, true), (Principal(.user, "ROOT"), true),
                        (Principal(.user, "eve"), isPublic && lowest == .read),
                        (Principal(.runner, "one"), action == .runnerWork || action == .serverWork),
                        (Principal(.job, "1"), false),
                    ]
                    for role in Role.allCases {
                        for prefix in ["own", "org", "all"] {
                            let isEnough = prefixes.contains(prefix) && Self.order(role) >= Self.order(lowest)
                            principals.append(
                                (Principal(.user, "\(prefix)-\(role)"), isEnough || isPublic && lowest == .read))
                        }
                    }
                    for level in ["none", "read", "write"] {
                        let isEnough = permission.map { Self.order(level) >= Self.order($0) } ?? false
                        principals.append((Self.job(token, own, level), isOwn && isEnough))
                        let late = JobToken(executionID: token.executionID, fencingToken: token.fencingToken + 1)
                        principals.append((Self.job(late, own, level), false))
                    }
                    for (principal, isAllowed) in principals {
                        let obstacle = try await access.obstacle(to: action, target, by: principal)
                        #expect(
                            (obstacle == nil) == isAllowed,
                            "\(action.rawValue) \(target) \(principal.text): \(obstacle ?? "allowed")")
                        checked += 1
                    }
                }
            }
            #expect(checked == AccessAction.allCases.count * places.count * (6 + 15 + 6))
            try await services.runners.complete(token, .success, by: .system)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func nobodyLocksThemselvesOut(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let (access, own) = (engine.services.access, RoleScope.repository(engine.repository.id))
            #expect(try await !access.isEnforced())
            for (role, scope) in [(Role.admin, own), (.maintain, .installation), (.admin, .organization(7))] {
                #expect(
                    await Self.code { try await access.grant(role, to: "a", on: scope, by: Self.admin) } == .conflict)
            }
            #expect(try await !access.isEnforced())
            try await access.grant(.admin, to: "Root", on: .installation, by: Self.admin)
            #expect(try await access.isEnforced())
            try await access.grant(.write, to: "dev", on: own, by: Self.admin)
            // The last administrator stays: neither revoked nor made less, also under another spelling.
            #expect(
                await Self.code { try await access.revoke(from: "ROOT", on: .installation, by: .system) } == .conflict)
            #expect(
                await Self.code { try await access.grant(.read, to: "rOOt", on: .installation, by: .system) }
                    == .conflict)
            try await access.grant(.admin, to: "second", on: .installation, by: Self.admin)
            let less = try await access.grant(.read, to: "root", on: .installation, by: Self.admin)
            #expect(less.replaced == .admin && less.grant.user == "root")
            // An administrator of a repository gives roles there, and nowhere else.
            let second = Principal(.user, "second")
            try await access.grant(.admin, to: "lead", on: own, by: second)
            let lead = Principal(.user, "lead")
            try await access.grant(.triage, to: "dev", on: own, by: lead)
            for scope in [RoleScope.installation, .organization(7)] {
                #expect(
                    await Self.code { try await access.grant(.admin, to: "lead", on: scope, by: lead) } == .forbidden)
            }
            #expect(try await access.list(holdingOn: own, by: lead).map(\.user) == ["dev", "lead", "root", "second"])
            #expect(await Self.code { _ = try await access.list(by: lead) } == .forbidden)
            #expect(await Self.code { try await access.revoke(from: "nobody", on: own, by: second) } == .notFound)
            #expect(
                await Self.code {
                    try await access.grant(.read, to: "a", on: .repository(RepositoryID(99)), by: second)
                } == .notFound)
            for user in ["dev", "lead"] { try await access.revoke(from: user, on: own, by: second) }
            #expect(try await !access.revoke(from: "root", on: .installation, by: second).opensInstallation)
            #expect(try await access.revoke(from: "second", on: .installation, by: second).opensInstallation)
            #expect(try await !access.isEnforced())
            let told = try await engine.rows(
                "SELECT action, outcome FROM actions_audit_log WHERE action LIKE 'auth.%' ORDER BY id"
            ).map { row in "\(try row["action"] as String) \(try row["outcome"] as String)" }
            #expect(told.filter { $0 == "auth.grant success" }.count == 6, "\(told)")
            #expect(told.filter { $0 == "auth.revoke success" }.count == 4, "\(told)")
            #expect(told.filter { $0 == "auth.denied denied" }.count == 3, "\(told)")
        }
    }

    /// Two administrators are taken away at once, and meanwhile somebody is given a role: one of them stays, or there is no
    /// role at all.
    @Test(arguments: TestDatabase.allCases)
    func thereIsAnAdministratorWhereThereIsARole(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let access = engine.services.access
            for _ in 0..<Race.scale(10, full: 200) {
                try await access.grant(.admin, to: "a", on: .installation, by: .system)
                try await access.grant(.admin, to: "b", on: .installation, by: .system)
                await withTaskGroup(of: Void.self) { group in
                    for user in ["a", "b"] {
                        group.addTask { _ = try? await access.revoke(from: user, on: .installation, by: .system) }
                    }
                    group.addTask { _ = try? await access.grant(.read, to: "c", on: .organization(7), by: .system) }
                }
                let grants = try await access.list(by: .system)
                #expect(grants.isEmpty || grants.contains { $0.role == .admin && $0.scope == .installation })
                try await engine.write("DELETE FROM actions_role_grants")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func rolesGoWithTheirRepository(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let (services, access) = (engine.services, engine.services.access)
            try await access.grant(.admin, to: "root", on: .installation, by: .system)
            let other = try await services.repositories.create(owner: "octo", name: "other", by: Self.admin)
            try await access.grant(.admin, to: "lead", on: .repository(other.id), by: Self.admin)
            let lead = Principal(.user, "lead")
            #expect(try await services.repositories.list(by: lead).items.map(\.id) == [other.id])
            #expect(try await services.repositories.named("octo/cat", by: lead).isEmpty)
            #expect(try await services.history.page(HistoryService.Filter(), by: lead).items.isEmpty)
            #expect(await Self.code { _ = try await services.queue.list(by: lead) } == .forbidden)
            try await services.repositories.delete(other.id, by: lead)
            #expect(try await access.list(by: Self.admin).map(\.user) == ["root"])
            // What it was refused is told with what it wanted.
            let row = try #require(
                try await engine.rows(
                    """
                    SELECT l.actor, l.object_kind, l.operation, b.body FROM actions_audit_log l
                    JOIN actions_audit_bodies b ON b.audit_id = l.id WHERE l.outcome = 'denied'
                    """
                ).first)
            let (actor, kind, operation): (String, String, String) = (
                try row["actor"], try row["object_kind"], try row["operation"]
            )
            #expect([actor, kind, operation] == ["lead", "installation", "read"])
            #expect((try row["body"] as String).contains("queue.read"))
        }
    }

    /// A runner does its own work: neither another's, nor what is a user's.
    @Test(arguments: TestDatabase.allCases)
    func aRunnerChangesItselfAlone(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            let runners = engine.services.runners
            let one = try await runners.register(RunnerRegistration(name: "mine"), by: Engine.principal)
            let other = try await runners.register(RunnerRegistration(name: "yours"), by: Engine.principal)
            let mine = Principal(.runner, "mine")
            _ = try await runners.updateStatus(one.id, .online, by: mine)
            try await runners.heartbeat(one.id, by: mine)
            #expect(await Self.code { _ = try await runners.updateStatus(other.id, .offline, by: mine) } == .forbidden)
            #expect(await Self.code { try await runners.heartbeat(other.id, by: mine) } == .forbidden)
            #expect(await Self.code { try await runners.unregisterKnown(other.id, by: mine) } == .forbidden)
            #expect(await Self.code { _ = try await runners.setPaused(one.id, "tired", by: mine) } == .forbidden)
            #expect(
                await Self.code { _ = try await runners.register(RunnerRegistration(name: "third"), by: mine) }
                    == .forbidden)
            try await runners.unregisterKnown(one.id, by: mine)
            #expect(
                try await engine.rows("SELECT id FROM actions_audit_log WHERE action = 'auth.denied'").count == 5)
        }
    }
}
