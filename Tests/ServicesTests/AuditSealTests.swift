import Cryptography
import Hashing
import Model
import Storage
import Testing

@testable import Services

/// Sealing: every committed row becomes one leaf, and each batch is signed.
@Suite struct AuditSealTests {
    /// The tree that the leaves give, computed from nothing but the stored hashes.
    private static func root(_ lab: AuditLab) async throws -> [UInt8] {
        var frontier = MerkleFrontier()
        for row in try await lab.engine.rows("SELECT hash FROM actions_audit_leaves ORDER BY leaf_index") {
            frontier.append(try row["hash"])
        }
        return frontier.root
    }

    @Test(arguments: TestDatabase.allCases)
    func everyRowBecomesALeaf(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            try await lab.record(10)
            #expect(try await lab.audit.hasUnsealed())
            let first = try await lab.audit.seal()
            // The making of the key is told too, and sealed with the others.
            let rows = try await lab.number("(SELECT count(*) FROM actions_audit_log)")
            #expect(Int64(first.rows) == rows && !first.isBusy)
            let key = try #require(try await lab.audit.key())
            var note = try #require(first.checkpoint)
            #expect(note.isSigned(by: key))
            #expect(try await TreeCheckpoint(note.text).root == Self.root(lab))

            let again = try await lab.audit.seal()
            let isIdle = try await !lab.audit.hasUnsealed()
            #expect(again.rows == 0 && again.checkpoint == note && isIdle)
            try await lab.record(2_345)
            #expect(try await lab.audit.seal(.recent).rows == 2_345)
            #expect(try await lab.number("(SELECT count(*) FROM actions_audit_checkpoints)") == 4)
            note = try #require(try await lab.audit.seal().checkpoint)
            let tree = try TreeCheckpoint(note.text)
            #expect(tree.size == rows + 2_345 && note.isSigned(by: key))
            #expect(try await tree.root == Self.root(lab))
            #expect(try await lab.number("(SELECT count(DISTINCT audit_id) FROM actions_audit_leaves)") == tree.size)
            try await lab.engine.check()
        }
    }

    /// Rows whose transactions commit after higher ids were sealed are found by a greater depth at the latest.
    @Test(arguments: TestDatabase.allCases)
    func lateCommitsAreNotSkipped(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            try await lab.record(3)
            _ = try await lab.audit.seal()
            let top = try await lab.number("(SELECT max(id) FROM actions_audit_log)")
            let insert = """
                INSERT INTO actions_audit_log (id, created_at, action, operation, actor_kind, actor, object_kind, object_id, month)
                SELECT
                """
            let rest =
                "created_at, action, operation, actor_kind, actor, object_kind, object_id, month FROM actions_audit_log"
            // The ids between are those of transactions that go on.
            try await lab.engine.write("\(insert) \(top + 10), \(rest) WHERE id = \(top)")
            #expect(try await lab.audit.seal(.recent).rows == 1)
            try await lab.engine.write("\(insert) \(top + 5), \(rest) WHERE id = \(top)")
            #expect(try await !lab.audit.hasUnsealed())
            #expect(try await lab.audit.seal(.recent).rows == 1)
            // As if that had been an hour ago: only a complete look finds what comes now.
            let hour = database == .postgres ? "created_at - interval '1 hour'" : "created_at - 3600000000"
            try await lab.tamper("UPDATE actions_audit_checkpoints SET created_at = \(hour)")
            try await lab.engine.write("\(insert) \(top + 20), \(rest) WHERE id = \(top)")
            #expect(try await lab.audit.seal(.recent).rows == 1)
            try await lab.engine.write("\(insert) \(top + 4), \(rest) WHERE id = \(top)")
            #expect(try await lab.audit.seal(.recent).rows == 0)
            #expect(try await lab.audit.seal(.complete).rows == 1)
        }
    }

    /// Any number of sealers at once seal every row once.
    @Test(arguments: TestDatabase.allCases)
    func sealersDoNotDisturbEachOther(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            let audit = lab.audit
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await lab.record(150) }
                for _ in 0..<4 {
                    group.addTask { for _ in 0..<25 { _ = try await audit.seal(.recent) } }
                }
                try await group.waitForAll()
            }
            _ = try await audit.seal()
            let rows = try await lab.number("(SELECT count(*) FROM actions_audit_log)")
            let leaves = try await lab.number("(SELECT count(*) FROM actions_audit_leaves)")
            #expect(rows == leaves)
            let note = try #require(try await audit.seal().checkpoint)
            #expect(try await TreeCheckpoint(note.text).root == Self.root(lab))
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func withoutARootKeyNothingIsSealedButAllIsWritten(_ database: TestDatabase) async throws {
        try await database.with { backend in
            let services = try await Services.open(backend, migrations: database.migrations)
            let engine = try await Engine(services, location: "/r")
            try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let error = await #expect(throws: ServiceError.self) { try await services.audit.seal() }
            #expect(error?.message.contains("PLUE_KEY_FILE") == true && !services.audit.canSeal)
            #expect(try await engine.rows("SELECT id FROM actions_audit_log").count > 1)
            #expect(try await engine.rows("SELECT leaf_index FROM actions_audit_leaves").isEmpty)
        }
    }

    /// What is signed next vouches for what is before it.
    @Test(arguments: TestDatabase.allCases)
    func nothingIsSealedOnAForgedCheckpoint(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            try await lab.record(3)
            _ = try await lab.audit.seal()
            try await lab.tamper(
                "UPDATE actions_audit_checkpoints SET note = replace(note, 'plue/audit/', 'plue/audit/0')")
            try await lab.record(1)
            let error = await #expect(throws: ServiceError.self) { try await lab.audit.seal() }
            #expect(error?.code == .conflict)
            let other = try RootKey(try RandomBytes.secret(RootKey.length))
            let thief = Services(backend: lab.engine.services.backend, keyring: SecretKeyring(.key(other)))
            let wrong = await #expect(throws: CryptographyError.self) { try await thief.audit.seal() }
            #expect(wrong?.code == .wrongKey)
        }
    }

    /// A row that whoever may insert put among the keys stops neither sealing nor verification, which tells it.
    @Test(arguments: TestDatabase.allCases)
    func strayKeysStopNothing(_ database: TestDatabase) async throws {
        try await AuditLab.with(database) { lab in
            try await lab.record(3)
            _ = try await lab.audit.seal()
            let key = try #require(try await lab.audit.key())
            func bytes(_ hex: String) -> String { database == .postgres ? "'\\x\(hex)'" : "x'\(hex)'" }
            // Too short, of the right size, and the key's own with a value that does not open.
            for hex in ["00", String(repeating: "00", count: 32), SHA256.hex(key.key.bytes)] {
                try await lab.engine.write(
                    "INSERT INTO actions_audit_keys (public_key, sealed, created_at)"
                        + " SELECT \(bytes(hex)), \(bytes("00")), created_at FROM actions_audit_keys WHERE id = 1")
            }
            try await lab.record(2)
            let sealed = try await lab.audit.seal()
            #expect(sealed.rows == 2 && sealed.checkpoint?.isSigned(by: key) == true)
            let known = try await lab.audit.keys()
            #expect(try await lab.audit.key() == key && known == [key])
            let report = try await lab.audit.verify()
            #expect(report.problems.map(\.kind) == [.key, .key, .key] && report.checkpoints == 2, "\(report.problems)")
            for (problem, id) in zip(report.problems, [4, 3, 2]) {
                #expect(problem.message.hasPrefix("row \(id) of actions_audit_keys holds no key"), "\(problem)")
            }
            // Without the root key, or with a key that was given, what can be no key at all is told.
            let bare = Services(backend: lab.engine.services.backend)
            for given in [nil, key] {
                let unproven = try await bare.audit.verify(key: given)
                #expect(unproven.problems.map(\.kind) == [.key] && unproven.checkpoints == 2)
            }
            // Where nothing opens, the table and its rows are named.
            try await lab.tamper("UPDATE actions_audit_keys SET sealed = \(bytes("00")) WHERE id = 1")
            let error = await #expect(throws: ServiceError.self) { try await lab.audit.seal() }
            #expect(error?.code == .conflict && error?.subject == "actions_audit_keys")
            #expect(error?.message.contains("row 4: ") == true && error?.message.contains("from a backup") == true)
        }
    }
}
