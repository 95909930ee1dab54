import Cryptography
import Model
import Storage
import Testing
import WorkflowSyntax

@testable import Services

/// What the audit log is told of secrets: whose, which version, what they replaced, and never a value.
@Suite struct SecretAuditTests {
    private static let user = Engine.principal
    private static let runner = Principal(.runner, "one")

    private static func bytes(_ text: String) -> SecretBytes {
        var bytes = Array(text.utf8)
        return SecretBytes(consuming: &bytes)
    }

    private static func text(_ value: SecretBytes?) -> String? {
        value.map { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }

    private func with(_ database: TestDatabase, _ body: (Engine, SecretService) async throws -> Void) async throws {
        try await AuditLab.with(database) { lab in
            try await body(lab.engine, try #require(lab.engine.services.secrets))
        }
    }

    /// The newest row of that action.
    private func newest(_ action: String, _ engine: Engine) async throws -> (outcome: String, body: ExpressionValue) {
        var filter = AuditService.Filter()
        filter.action = action
        let record = try #require(try await engine.services.audit.list(filter, limit: 1, by: Self.user).items.first)
        return (record.outcome, try ExpressionValue(json: record.body))
    }

    @Test(arguments: TestDatabase.allCases)
    func whatAChangeReplacedIsTold(_ database: TestDatabase) async throws {
        try await with(database) { engine, secrets in
            let owner = SecretOwner.environment(engine.repository.id, "Production")
            func digest(_ action: String, _ part: String) async throws -> String? {
                try await newest(action, engine).body.value(at: part, "value_hmac")?.text
            }
            try await secrets.set("A", Self.bytes("first value"), of: owner, by: Self.user)
            let created = try await newest("secret.create", engine).body
            #expect(created.value(at: "before") == nil)
            #expect(created.value(at: "after", "environment")?.text == "production", "\(created)")
            let first = try #require(try await digest("secret.create", "after"))
            try await secrets.set("A", Self.bytes("second value"), of: owner, by: Self.user)
            #expect(try await digest("secret.update", "before") == first)
            let second = try #require(try await digest("secret.update", "after"))
            #expect(second != first)
            try await secrets.set("A", Self.bytes("first value"), of: owner, by: Self.user)
            #expect(try await digest("secret.update", "after") == first, "the same value of the same name")
            // The same value elsewhere is another digest: whoever may store there learns nothing of this one.
            try await secrets.set("B", Self.bytes("first value"), of: owner, by: Self.user)
            #expect(try await digest("secret.create", "after") != first)
            try await secrets.set("A", Self.bytes("first value"), of: .organization(7), by: Self.user)
            #expect(try await digest("secret.create", "after") != first)
            try await secrets.delete("A", of: owner, by: Self.user)
            let deleted = try await newest("secret.delete", engine).body
            #expect(deleted.value(at: "before", "value_hmac")?.text == first)
            #expect(deleted.value(at: "before", "version")?.text == "3")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func visibilityChangesAndIsTold(_ database: TestDatabase) async throws {
        try await with(database) { engine, secrets in
            let (owner, variables) = (SecretOwner.organization(7), engine.services.variables)
            var expected = SecretVisibility.private
            for visibility in [nil, .selected, .all, nil, .private, .selected] as [SecretVisibility?] {
                try await secrets.set("O", Self.bytes("a value"), of: owner, visibility: visibility, by: Self.user)
                try await variables.set("O", "a value", of: owner, visibility: visibility, by: Self.user)
                let before = expected
                expected = visibility ?? expected
                #expect(try await secrets.list(of: owner, by: Self.user).map(\.visibility) == [expected])
                #expect(try await variables.list(of: owner, by: Self.user).map(\.visibility) == [expected])
                guard try await secrets.list(of: owner, by: Self.user).first?.version != 1 else { continue }
                let body = try await newest("secret.update", engine).body
                #expect(body.value(at: "before", "visibility")?.text == before.rawValue)
                #expect(body.value(at: "after", "visibility")?.text == expected.rawValue)
            }
        }
    }

    /// A record that was damaged or is gone: nobody is given an empty value for it, and the log says that it failed.
    @Test(arguments: TestDatabase.allCases)
    func aValueThatDoesNotOpen(_ database: TestDatabase) async throws {
        try await with(database) { engine, secrets in
            let owner = SecretOwner.repository(engine.repository.id)
            for damage in [
                database == .postgres
                    ? "UPDATE actions_secret_versions SET record = decode(repeat('00', 105), 'hex')"
                    : "UPDATE actions_secret_versions SET record = zeroblob(105)",
                "UPDATE actions_secrets SET current_version = current_version + 1",
            ] {
                try await secrets.set("A", Self.bytes("a stored value"), of: owner, by: Self.user)
                try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
                let message = try #require(try await engine.claim(1).first)
                try await engine.write(damage)
                let error = await #expect(throws: CryptographyError.self) {
                    try await secrets.secrets(for: message.assignment.token, by: Self.runner)
                }
                #expect(error?.subject.contains("secret A") == true && error?.message.contains("a stored") == false)
                let row = try await newest("secret.read", engine)
                #expect(row.outcome == "failure" && row.body.value(at: "after", "subject")?.text == error?.subject)
                try await engine.complete(message)
                // It can be replaced, and deleted.
                try await secrets.set("A", Self.bytes("another value"), of: owner, by: Self.user)
                #expect(try await newest("secret.update", engine).body.value(at: "before", "value_hmac") == nil)
                try await secrets.delete("A", of: owner, by: Self.user)
            }
        }
    }

    /// A trigger that drops what the log is told, without a word: nothing is handed out.
    @Test(arguments: TestDatabase.allCases, ["actions_audit_bodies", "actions_audit_log"])
    func nothingIsReadWithoutAStoredRow(_ database: TestDatabase, _ table: String) async throws {
        try await with(database) { engine, secrets in
            let owner = SecretOwner.repository(engine.repository.id)
            try await secrets.set("A", Self.bytes("a stored value"), of: owner, by: Self.user)
            try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let token = try #require(try await engine.claim(1).first).assignment.token
            let count = "SELECT count(*) AS n FROM actions_audit_log"
            let before: Int64? = try await engine.rows(count).first?["n"]
            if database == .postgres {
                try await engine.write(
                    "CREATE FUNCTION drop_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
                try await engine.write(
                    "CREATE TRIGGER a_drop BEFORE INSERT ON \(table) FOR EACH ROW EXECUTE FUNCTION drop_row()")
            } else {
                try await engine.write(
                    "CREATE TRIGGER a_drop BEFORE INSERT ON \(table) BEGIN SELECT RAISE(IGNORE); END")
            }
            let error = await #expect(throws: StorageError.self) {
                try await secrets.secrets(for: token, by: Self.runner)
            }
            // Of a row that is not there the foreign key of its body tells.
            if table == "actions_audit_log" {
                #expect(error?.code == .foreignKey, "\(String(describing: error))")
            } else {
                #expect(error?.code == .missingRow && error?.subject == table, "\(String(describing: error))")
                #expect(error?.message.contains("secret.read") == true)
            }
            #expect(try await engine.rows(count).first?["n"] == before)
            try await engine.write(database == .postgres ? "DROP TRIGGER a_drop ON \(table)" : "DROP TRIGGER a_drop")
            #expect(try await Self.text(secrets.secrets(for: token, by: Self.runner).all["A"]) == "a stored value")
        }
    }

    /// What was read: names, whose, versions. Of a call that hands nothing on the environment's alone.
    @Test(arguments: TestDatabase.allCases)
    func onlyWhatTheJobCanSeeIsRead(_ database: TestDatabase) async throws {
        try await with(database) { engine, secrets in
            let repository = SecretOwner.repository(engine.repository.id)
            let environment = SecretOwner.environment(engine.repository.id, "e")
            for (name, value, owner) in [
                ("A", "of the repository", repository), ("B", "of it too", repository),
                ("A", "of the environment", environment),
            ] {
                try await secrets.set(name, Self.bytes(value), of: owner, by: Self.user)
            }
            try await engine.create("  a: {runs-on: x, environment: e, steps: [{run: a}]}")
            let token = try #require(try await engine.claim(1).first).assignment.token
            func read(_ passing: [JobMessage.SecretPassing]) async throws -> (JobSecrets, String?) {
                let read = try await secrets.secrets(for: token, passing: passing, by: Self.runner)
                return (
                    read,
                    try await newest("secret.read", engine).body.value(at: "after", "secrets")?.json(pretty: false)
                )
            }
            let (own, told) = try await read([])
            #expect(Self.text(own.all["A"]) == "of the environment" && own.shared.keys.sorted() == ["B"])
            #expect(
                told
                    == #"[{"name":"B","scope":"repository","version":1},{"name":"A","scope":"environment","version":1}]"#
            )
            let (handed, _) = try await read([.inherit])
            #expect(Self.text(handed.shared["A"]) == "of the repository" && handed.shared.count == 2)
            #expect(Self.text(handed.environment["A"]) == "of the environment")
            for passing in [[.none], [.inherit, .none], [.none, .inherit]] as [[JobMessage.SecretPassing]] {
                let (none, told) = try await read(passing)
                #expect(none.shared.isEmpty && none.environment.keys.sorted() == ["A"])
                #expect(told == #"[{"name":"A","scope":"environment","version":1}]"#)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func anEmptyValueIsNone(_ database: TestDatabase) async throws {
        try await with(database) { engine, secrets in
            let error = await #expect(throws: ServiceError.self) {
                try await secrets.set("A", Self.bytes(""), of: .repository(engine.repository.id), by: Self.user)
            }
            #expect(error?.code == .invalidInput)
        }
    }
}
