import Cryptography
import Model
import Storage
import Testing
import WorkflowSyntax

@testable import Services

/// Which value of a secret or variable a job gets, for every combination of owners, visibility and job; and to whose pull
/// requests secrets are given.
@Suite struct PrecedenceTests {
    /// One name of the table: who has a value for it.
    private struct Case {
        /// Nil: the organization has none. `selected` may be granted to the repository.
        var organization: SecretVisibility?
        var isGranted = false
        var inRepository: Bool
        var inEnvironment: Bool

        static let all: [Case] = {
            let organizations: [(SecretVisibility?, Bool)] = [
                (nil, false), (.all, false), (.private, false), (.selected, false), (.selected, true),
            ]
            return organizations.flatMap { visibility, isGranted in
                [false, true].flatMap { inRepository in
                    [false, true].map { inEnvironment in
                        Case(
                            organization: visibility, isGranted: isGranted, inRepository: inRepository,
                            inEnvironment: inEnvironment)
                    }
                }
            }
        }()

        /// What GitHub's rules say; an independent reading of them.
        func expected(deploys: Bool, isPublic: Bool) -> String? {
            if inEnvironment, deploys { return "environment" }
            if inRepository { return "repository" }
            return switch organization {
            case .all?: "organization"
            case .private?: isPublic ? nil : "organization"
            case .selected?: isGranted ? "organization" : nil
            case nil: nil
            }
        }
    }

    private static let user = Engine.principal
    private static let runner = Principal(.runner, "one")

    private static func bytes(_ text: String) -> SecretBytes {
        var bytes = Array(text.utf8)
        return SecretBytes(consuming: &bytes)
    }

    private func with(
        _ database: TestDatabase, _ body: (Engine, SecretService) async throws -> Void
    ) async throws {
        try await database.with { backend in
            let root = try RootKey(try RandomBytes.secret(RootKey.length))
            let services = try await Services.open(
                backend, migrations: database.migrations, keyring: SecretKeyring(.key(root)))
            var engine = try await Engine(services, location: "/r")
            try await engine.write("UPDATE actions_repositories SET organization_id = 7")
            engine = try await Engine(services, location: "/r", runner: "two")
            try await body(engine, try #require(services.secrets))
            try await engine.check()
        }
    }

    @Test(arguments: TestDatabase.allCases, ["private", "public"])
    func everyCombinationOfOwners(_ database: TestDatabase, _ visibility: String) async throws {
        try await with(database) { engine, secrets in
            try await engine.write("UPDATE actions_repositories SET visibility = '\(visibility)'")
            let (repository, variables) = (engine.repository.id, engine.services.variables)
            for (number, one) in Case.all.enumerated() {
                let owners: [(SecretOwner, String, Bool)] = [
                    (.organization(7), "organization", one.organization != nil),
                    (.repository(repository), "repository", one.inRepository),
                    (.environment(repository, "Production"), "environment", one.inEnvironment),
                ]
                for (owner, value, isSet) in owners where isSet {
                    let visibility = owner == .organization(7) ? one.organization : nil
                    try await secrets.set(
                        "N\(number)", Self.bytes(value), of: owner, visibility: visibility, by: Self.user)
                    try await variables.set("N\(number)", value, of: owner, visibility: visibility, by: Self.user)
                }
                if one.isGranted {
                    try await secrets.setGranted(true, "N\(number)", of: 7, to: repository, by: Self.user)
                    try await variables.setGranted(true, "N\(number)", of: 7, to: repository, by: Self.user)
                }
            }
            // Of another organization and another repository: nobody's here.
            try await secrets.set("N0", Self.bytes("foreign"), of: .organization(8), visibility: .all, by: Self.user)
            try await variables.set("N0", "foreign", of: .organization(8), visibility: .all, by: Self.user)
            try await engine.create(
                """
                  deploys: {runs-on: x, environment: production, steps: [{run: a}]}
                  plain: {runs-on: x, steps: [{run: a}]}
                """)
            let messages = try await engine.claim()
            #expect(messages.count == 2)
            for message in messages {
                let values = try await secrets.values(for: message.assignment.token, by: Self.runner)
                let deploys = message.execution.name == "deploys"
                for (number, one) in Case.all.enumerated() {
                    let expected = one.expected(deploys: deploys, isPublic: visibility == "public")
                    let secret = values["N\(number)"]?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                    #expect(secret == expected, "\(one), \(message.execution.name), \(visibility)")
                    let variable = message.contexts["vars"]?.value(at: "N\(number)")?.text
                    #expect(variable == expected, "variable, \(one), \(message.execution.name), \(visibility)")
                }
            }
        }
    }

    /// What is given with a request goes before what is stored for repository and organization.
    @Test(arguments: TestDatabase.allCases)
    func givenVariablesGoFirstAndARunKeepsItsOwn(_ database: TestDatabase) async throws {
        try await with(database) { engine, _ in
            let variables = engine.services.variables
            let owner = SecretOwner.repository(engine.repository.id)
            try await variables.set("given", "stored", of: owner, by: Self.user)
            try await variables.set("kept", "stored", of: owner, by: Self.user)
            var request = RunRequest(
                repository: engine.repository,
                source: try Engine.source("on: push\njobs:\n  a: {runs-on: x, steps: [{run: a}]}"), called: [],
                event: "push",
                payload: "{}", variables: #"{"Given":"request"}"#, headBranch: "main", headRef: "refs/heads/main",
                headSHA: String(repeating: "0", count: 40), isDirty: false, actor: "octocat", runner: engine.runner.id)
            request.priority = 0
            let run = try await engine.services.runs.create(request, by: Self.user)
            try await variables.set("kept", "later", of: owner, by: Self.user)
            try await variables.delete("given", of: owner, by: Self.user)
            let message = try #require(try await engine.claim().first)
            #expect(message.contexts["vars"]?.json(pretty: false) == #"{"KEPT":"stored","Given":"request"}"#)
            try await engine.complete(message)
            #expect(try await engine.run(run.id).conclusion == .success)
            let listed = try await variables.list(of: owner, by: Self.user)
            #expect(listed.map(\.name) == ["KEPT"] && listed.map(\.value) == ["later"])
            let body = try await engine.rows(
                """
                SELECT b.body FROM actions_audit_log AS a JOIN actions_audit_bodies AS b ON b.audit_id = a.id
                WHERE a.action = 'variable.update'
                """)
            #expect(
                try body.map { try $0["body"] as String }
                    == [#"{"after":{"name":"KEPT","value":"later"},"before":{"name":"KEPT","value":"stored"}}"#])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func variablesHaveLimitsAndOwners(_ database: TestDatabase) async throws {
        try await with(database) { engine, _ in
            let variables = engine.services.variables
            let owner = SecretOwner.environment(engine.repository.id, "e")
            for (name, value) in [("", "v"), ("1A", "v"), ("GITHUB_X", "v"), ("A B", "v"), ("A", "nul\0")] {
                let error = await #expect(throws: ServiceError.self) {
                    try await variables.set(name, value, of: owner, by: Self.user)
                }
                #expect(error?.code == .invalidInput, "\(name)")
            }
            try await variables.set("V0", String(repeating: "x", count: 49_152), of: owner, by: Self.user)
            for (name, value) in [("L", String(repeating: "x", count: 49_153))] {
                let error = await #expect(throws: ServiceError.self) {
                    try await variables.set(name, value, of: owner, by: Self.user)
                }
                #expect(error?.code == .limit)
            }
            for number in 1..<100 { try await variables.set("V\(number)", "v", of: owner, by: Self.user) }
            let many = await #expect(throws: ServiceError.self) {
                try await variables.set("V100", "v", of: owner, by: Self.user)
            }
            #expect(many?.code == .limit)
            try await variables.set("V99", "w", of: owner, by: Self.user)
            for principal in [Self.runner, Principal(.job, "a")] {
                let error = await #expect(throws: ServiceError.self) {
                    try await variables.set("X", "y", of: owner, by: principal)
                }
                #expect(error?.code == .forbidden)
            }
            let absent = await #expect(throws: ServiceError.self) {
                try await variables.delete("V99", of: .repository(engine.repository.id), by: Self.user)
            }
            #expect(absent?.code == .notFound)
        }
    }

    /// What runs the code of a fork gets no secret; what runs the base's does.
    @Test(arguments: TestDatabase.allCases)
    func forksGetNone(_ database: TestDatabase) async throws {
        try await with(database) { engine, secrets in
            let repository = engine.repository.id
            for owner in [SecretOwner.organization(7), .repository(repository), .environment(repository, "e")] {
                try await secrets.set(
                    "TOKEN", Self.bytes("a value"), of: owner, visibility: owner == .organization(7) ? .all : nil,
                    by: Self.user)
            }
            let fork = """
                {"action":"opened","number":1,"pull_request":{"head":{"repo":{"full_name":"eve/cat","fork":true}},
                "base":{"repo":{"full_name":"octo/cat"}}},"repository":{"full_name":"octo/cat"}}
                """
            let trusted: Set = [
                "pull_request_target", "push", "issue_comment", "workflow_run", "workflow_dispatch", "schedule",
                "repository_dispatch", "issues", "release", "create", "merge_group", "check_run", "discussion",
            ]
            let untrusted: Set = [
                "pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_comment",
            ]
            for event in trusted.union(untrusted).sorted() {
                for isFork in [true, false] {
                    let payload = isFork ? fork : fork.replacing("eve/cat", with: "octo/cat")
                    let request = RunRequest(
                        repository: engine.repository,
                        source: try Engine.source(
                            "on: push\njobs:\n  a: {runs-on: x, environment: e, steps: [{run: a}]}"),
                        called: [], event: event, payload: payload, headBranch: nil, headRef: "refs/pull/1/merge",
                        headSHA: String(repeating: "0", count: 40), isDirty: false, actor: "eve",
                        runner: engine.runner.id)
                    _ = try await engine.services.runs.create(request, by: Self.user)
                    let message = try #require(try await engine.claim(1).first)
                    let values = try await secrets.values(for: message.assignment.token, by: Self.runner)
                    #expect(values.isEmpty == (isFork && untrusted.contains(event)), "\(event), fork: \(isFork)")
                    try await engine.complete(message)
                }
            }
        }
    }

    /// An event that does not say where the head comes from is not trusted.
    @Test(arguments: [
        ("{}", true), (#"{"pull_request":{}}"#, true), (#"{"pull_request":{"head":{}}}"#, true),
        (#"{"pull_request":{"head":{"repo":null}}}"#, true), (#"{"pull_request":{"head":{"repo":{}}}}"#, true),
        (#"{"pull_request":{"head":"x"}}"#, true), (#"{"pull_request":[]}"#, true), ("[]", true),
        (#"{"pull_request":{"head":{"repo":{"full_name":"a/b"}}}}"#, true),
        (#"{"pull_request":{"head":{"repo":{"full_name":"a/b","fork":false}}}}"#, false),
        (#"{"pull_request":{"head":{"repo":{"id":1}},"base":{"repo":{"id":2}}}}"#, true),
        (#"{"pull_request":{"head":{"repo":{"id":1,"fork":true}},"base":{"repo":{"id":1}}}}"#, false),
        // Nor is the repository it is for another than the one it is of.
        (
            #"{"pull_request":{"head":{"repo":{"id":2}},"base":{"repo":{"id":2}}},"repository":{"id":1}}"#,
            true
        ),
        (#"{"pull_request":{"head":{"repo":{"id":1}},"base":{"repo":{"id":1}}},"repository":{"id":1}}"#, false),
        // What is no number names nothing, and what tells must say the same.
        (#"{"pull_request":{"head":{"repo":{"id":null,"fork":true}},"base":{"repo":{"id":null}}}}"#, true),
        (
            #"{"pull_request":{"head":{"repo":{"id":0,"full_name":"e/c"}},"base":{"repo":{"id":0,"full_name":"o/c"}}}}"#,
            true
        ),
        (#"{"pull_request":{"head":{"repo":{"id":"1","fork":true}},"base":{"repo":{"id":1}}}}"#, true),
        (
            #"{"pull_request":{"head":{"repo":{"id":0,"full_name":"o/c"}},"base":{"repo":{"id":1,"full_name":"o/c"}}}}"#,
            true
        ),
        (#"{"pull_request":{"head":{"repo":{"full_name":["o/c"]}},"base":{"repo":{"full_name":"o/c"}}}}"#, true),
        (#"{"pull_request":{"head":{"repo":{"full_name":"o/\u212aat"}},"base":{"repo":{"full_name":"o/kat"}}}}"#, true),
        (#"{"pull_request":{"head":{"repo":{"id":9007199254740993}},"base":{"repo":{"id":9007199254740992}}}}"#, true),
        (#"{"pull_request":{"head":{"repo":{"id":{},"fork":true}},"base":{"repo":{"id":{}}}}}"#, true),
        (
            #"{"pull_request":{"head":{"repo":{"id":1,"full_name":"e/c"}},"base":{"repo":{"id":1,"full_name":"o/c"}}}}"#,
            true
        ),
        (
            #"{"pull_request":{"head":{"repo":{"id":1,"full_name":"O/c"}},"base":{"repo":{"id":1,"full_name":"o/C"}}}}"#,
            false
        ),
        (
            #"{"pull_request":{"head":{"repo":{"full_name":null,"fork":"false"}},"base":{"repo":{"full_name":null}}}}"#,
            true
        ),
    ])
    func whatIsAForks(_ payload: String, _ isFork: Bool) throws {
        let payload = try ExpressionValue(json: payload)
        for event in ["pull_request", "pull_request_review"] {
            #expect(PullRequestOrigin.isFork(event: event, payload: payload) == isFork, "\(event)")
        }
        for event in ["push", "pull_request_target"] {
            #expect(!PullRequestOrigin.isFork(event: event, payload: payload))
        }
    }

    /// No key is touched for an environment's secret before its gate lets the job in.
    @Test(arguments: TestDatabase.allCases)
    func nothingIsReadBeforeTheApproval(_ database: TestDatabase) async throws {
        try await with(database) { engine, secrets in
            let owner = SecretOwner.environment(engine.repository.id, "production")
            try await secrets.set("TOKEN", Self.bytes("a value"), of: owner, by: Self.user)
            try await engine.services.environments.set("production", in: engine.repository.id, by: Self.user) {
                $0.reviewers = ["mona"]
            }
            let run = try await engine.create("  a: {runs-on: x, environment: production, steps: [{run: a}]}")
            #expect(try await engine.claim().isEmpty)
            func reads() async throws -> Int {
                try await engine.rows("SELECT id FROM actions_audit_log WHERE action = 'secret.read'").count
            }
            #expect(try await reads() == 0)
            let row = try #require(try await engine.rows("SELECT id FROM actions_job_executions").first)
            for number in Int64(0)...1 {
                let token = JobToken(executionID: ExecutionID(try row["id"]), fencingToken: number)
                await #expect(throws: ServiceError.self) { try await secrets.values(for: token, by: Self.runner) }
            }
            #expect(
                try await engine.rows(
                    "SELECT id FROM actions_audit_log WHERE action = 'secret.read' AND outcome = 'success'"
                )
                .isEmpty)
            let denied = try await reads()
            _ = try await engine.services.environments.review(
                run.id, .approved, environments: ["production"], by: Principal(.user, "mona"))
            let message = try #require(try await engine.claim().first)
            #expect(try await secrets.values(for: message.assignment.token, by: Self.runner).count == 1)
            #expect(try await reads() == denied + 1)
        }
    }
}
