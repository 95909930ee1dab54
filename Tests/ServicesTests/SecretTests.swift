import Cryptography
import Model
import Storage
import Testing

@testable import Services

/// Secrets as they are stored, read and refused.
@Suite struct SecretTests {
    private static let user = Engine.principal
    private static let canary = "canary-7f3a-'\"\\é"

    private static func bytes(_ text: String) -> SecretBytes {
        var bytes = Array(text.utf8)
        return SecretBytes(consuming: &bytes)
    }

    private static func text(_ bytes: SecretBytes?) -> String? {
        bytes.map { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }

    private func with(
        _ database: TestDatabase, _ body: (Engine, SecretService) async throws -> Void
    ) async throws {
        try await database.with { backend in
            let root = try RootKey(try RandomBytes.secret(RootKey.length))
            let services = try await Services.open(
                backend, migrations: database.migrations, keyring: SecretKeyring(.key(root)))
            let engine = try await Engine(services, location: "/r")
            try await body(engine, try #require(services.secrets))
            try await engine.check()
        }
    }

    private func actions(_ engine: Engine) async throws -> [String] {
        try await engine.rows("SELECT action, outcome, actor FROM actions_audit_log ORDER BY id").map { row in
            let (action, outcome, actor): (String, String, String) = (
                try row["action"], try row["outcome"], try row["actor"]
            )
            return "\(action) \(outcome) \(actor)"
        }.filter { $0.hasPrefix("secret.") || $0.hasPrefix("key.") || $0.hasPrefix("auth.") }
    }

    @Test(arguments: TestDatabase.allCases)
    func areSealedAndReadByTheRunnerAlone(_ database: TestDatabase) async throws {
        try await with(database) { engine, secrets in
            let owner = SecretOwner.repository(engine.repository.id)
            #expect(try await secrets.set("token", Self.bytes(Self.canary), of: owner, by: Self.user))
            #expect(try await !secrets.set("SHORT", Self.bytes("abc"), of: owner, by: Self.user))
            try await secrets.set("token", Self.bytes(Self.canary + "2"), of: owner, by: Self.user)
            let listed = try await secrets.list(of: owner, by: Self.user)
            #expect(listed.map(\.name) == ["SHORT", "TOKEN"] && listed.map(\.version) == [1, 2])
            // Neither the value nor an old version is anywhere in the database.
            for table in try await engine.services.backend.read({ db in try db.tables(matching: "actions%") }) {
                for row in try await engine.rows("SELECT * FROM \(table)") {
                    for name in row.columns.names {
                        let text = "\(try row.value(name))"
                        #expect(!text.contains("canary-7f3a"), "\(table).\(name)")
                    }
                }
            }
            #expect(try await engine.rows("SELECT secret_id FROM actions_secret_versions").count == 2)

            try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let message = try #require(try await engine.claim(1).first)
            let runner = Principal(.runner, "one")
            let values = try await secrets.values(for: message.assignment.token, by: runner)
            #expect(Self.text(values["TOKEN"]) == Self.canary + "2" && Self.text(values["SHORT"]) == "abc")

            for principal in [Self.user, Principal(.job, "a")] {
                let error = await #expect(throws: ServiceError.self) {
                    try await secrets.values(for: message.assignment.token, by: principal)
                }
                #expect(error?.code == .forbidden)
            }
            for principal in [runner, Principal(.job, "a")] {
                let error = await #expect(throws: ServiceError.self) {
                    try await secrets.set("X", Self.bytes("y"), of: owner, by: principal)
                }
                #expect(error?.code == .forbidden)
            }
            try await engine.complete(message)
            let late = await #expect(throws: ServiceError.self) {
                try await secrets.values(for: message.assignment.token, by: runner)
            }
            #expect(late?.code == .staleAssignment)
            try await secrets.delete("Token", of: owner, by: Self.user)
            #expect(try await secrets.list(of: owner, by: Self.user).map(\.name) == ["SHORT"])
            #expect(
                try await actions(engine) == [
                    "key.create success plue", "secret.create success octocat", "secret.create success octocat",
                    "secret.update success octocat", "secret.read success one", "secret.read denied octocat",
                    "secret.read denied a", "auth.denied denied one", "auth.denied denied a",
                    "secret.read denied one", "secret.delete success octocat",
                ])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func theNarrowestOwnerWins(_ database: TestDatabase) async throws {
        try await with(database) { engine, secrets in
            let repository = engine.repository.id
            try await engine.write("UPDATE actions_repositories SET organization_id = 7 WHERE id = \(repository)")
            let owners: [SecretOwner] = [
                .organization(7), .repository(repository), .environment(repository, "Prod"),
            ]
            for (index, owner) in owners.enumerated() {
                try await secrets.set("A", Self.bytes("value-\(index)"), of: owner, by: Self.user)
            }
            try await secrets.set("B", Self.bytes("organization"), of: owners[0], visibility: .all, by: Self.user)
            try await secrets.set("C", Self.bytes("selected"), of: owners[0], visibility: .selected, by: Self.user)
            try await secrets.set("D", Self.bytes("other"), of: .organization(8), visibility: .all, by: Self.user)
            try await engine.create(
                """
                  a: {runs-on: x, environment: prod, steps: [{run: a}]}
                  b: {runs-on: x, steps: [{run: a}]}
                """)
            let runner = Principal(.runner, "one")
            let messages = try await engine.claim(2)
            func read(_ job: String) async throws -> [String: String] {
                let message = try #require(messages.first { $0.execution.name == job })
                return try await secrets.values(for: message.assignment.token, by: runner).compactMapValues(Self.text)
            }
            #expect(try await read("a") == ["A": "value-2", "B": "organization"])
            #expect(try await read("b") == ["A": "value-1", "B": "organization"])
            try await secrets.setGranted(true, "c", of: 7, to: repository, by: Self.user)
            // Another visibility than `selected` says by itself who may use it.
            for name in ["A", "B"] {
                let refusal = await #expect(throws: ServiceError.self) {
                    try await secrets.setGranted(true, name, of: 7, to: repository, by: Self.user)
                }
                #expect(refusal?.code == .conflict, "\(name): \(refusal.map(String.init(describing:)) ?? "")")
            }
            try await secrets.delete("A", of: owners[1], by: Self.user)
            #expect(try await read("b") == ["A": "value-0", "B": "organization", "C": "selected"])
            // A public repository gets none of those that are private.
            try await engine.write("UPDATE actions_repositories SET visibility = 'public'")
            #expect(try await read("b") == ["B": "organization", "C": "selected"])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func movedRecordsAndOtherKeysOpenNothing(_ database: TestDatabase) async throws {
        try await with(database) { engine, secrets in
            let owner = SecretOwner.repository(engine.repository.id)
            try await secrets.set("A", Self.bytes(Self.canary), of: owner, by: Self.user)
            try await secrets.set("B", Self.bytes("b-value"), of: owner, by: Self.user)
            try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let message = try #require(try await engine.claim(1).first)
            let runner = Principal(.runner, "one")
            try await engine.write(
                """
                UPDATE actions_secret_versions SET record = (SELECT o.record FROM actions_secret_versions AS o
                WHERE o.secret_id <> actions_secret_versions.secret_id)
                """)
            let moved = await #expect(throws: CryptographyError.self) {
                try await secrets.values(for: message.assignment.token, by: runner)
            }
            #expect(moved?.code == .authenticationFailed)
            #expect(!"\(moved as Any)".contains("canary"))

            let other = try RootKey(try RandomBytes.secret(RootKey.length))
            let thief = Services(backend: engine.services.backend, keyring: SecretKeyring(.key(other)))
            let store = try #require(thief.secrets)
            let before = try await engine.rows("SELECT id FROM actions_audit_log").count
            let wrong = await #expect(throws: CryptographyError.self) {
                try await store.set("C", Self.bytes("c-value"), of: owner, by: Self.user)
            }
            #expect(wrong?.code == .wrongKey)
            #expect(try await engine.rows("SELECT id FROM actions_audit_log").count == before)
            #expect(try await secrets.list(of: owner, by: Self.user).map(\.name) == ["A", "B"])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func namesAndSizesHaveLimits(_ database: TestDatabase) async throws {
        try await with(database) { engine, secrets in
            let owner = SecretOwner.repository(engine.repository.id)
            for name in ["", "1A", "A-B", "GITHUB_X", "é", "A B", String(repeating: "A", count: 256), "A\0"] {
                let error = await #expect(throws: ServiceError.self) {
                    try await secrets.set(name, Self.bytes("value"), of: owner, by: Self.user)
                }
                #expect(error?.code == .invalidInput, "\(name)")
            }
            try await secrets.set(
                String(repeating: "A", count: 255), Self.bytes(String(repeating: "x", count: 49_152)), of: owner,
                by: Self.user)
            let large = await #expect(throws: ServiceError.self) {
                try await secrets.set("L", Self.bytes(String(repeating: "x", count: 49_153)), of: owner, by: Self.user)
            }
            #expect(large?.code == .limit)
            for number in 1..<100 {
                try await secrets.set("S\(number)", Self.bytes("value"), of: owner, by: Self.user)
            }
            let many = await #expect(throws: ServiceError.self) {
                try await secrets.set("ONE_MORE", Self.bytes("value"), of: owner, by: Self.user)
            }
            #expect(many?.code == .limit)
            #expect(try await secrets.list(of: owner, by: Self.user).count == 100)
        }
    }

    /// Writers of one name at the same time leave one value, which opens.
    @Test(arguments: TestDatabase.allCases)
    func writersOfOneNameRace(_ database: TestDatabase) async throws {
        try await with(database) { engine, secrets in
            let owner = SecretOwner.repository(engine.repository.id)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<24 {
                    group.addTask {
                        try await secrets.set("ONE", Self.bytes("value-\(number)"), of: owner, by: Self.user)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await secrets.list(of: owner, by: Self.user).map(\.version) == [24])
            try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let message = try #require(try await engine.claim(1).first)
            let values = try await secrets.values(for: message.assignment.token, by: Principal(.runner, "one"))
            #expect(Self.text(values["ONE"])?.hasPrefix("value-") == true)
            #expect(try await engine.rows("SELECT term FROM actions_encryption_keys").count == 1)
        }
    }
}
