import Hashing
import Model
import Storage
import Testing

@testable import Services

/// Every kind of tampering is found after sealing, and where it is.
@Suite struct AuditVerifyTests {
    private struct Outside: IteratorProtocol {
        var trees: [TreeCheckpoint]
        mutating func next() -> TreeCheckpoint? { trees.isEmpty ? nil : trees.removeFirst() }
    }

    /// Three batches of 20 rows and more, and what they were signed as.
    private static func sealed(_ database: TestDatabase, _ body: (AuditLab, [TreeCheckpoint]) async throws -> Void)
        async throws
    {
        try await AuditLab.with(database) { lab in
            var trees: [TreeCheckpoint] = []
            for _ in 0..<3 {
                try await lab.record(20)
                let note = try #require(try await lab.audit.seal().checkpoint)
                trees.append(try TreeCheckpoint(note.text))
            }
            try await body(lab, trees)
        }
    }

    private static func kinds(_ report: AuditReport) -> [String] {
        report.problems.map { problem in
            let place = problem.leaves.map { " \($0.lowerBound)..<\($0.upperBound)" } ?? ""
            return problem.kind.rawValue + place + (problem.auditID.map { " row \($0)" } ?? "")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whatWasNotTouchedIsSound(_ database: TestDatabase) async throws {
        try await Self.sealed(database) { lab, trees in
            try await lab.record(5)
            let report = try await lab.audit.verify(outside: Outside(trees: trees))
            let rows = try await lab.number("(SELECT count(*) FROM actions_audit_leaves)")
            #expect(report.problems.isEmpty && report.problemCount == 0, "\(Self.kinds(report))")
            #expect(report.rows == rows && report.size == rows && report.unsealed == 5 && report.isKeyProven)
            #expect(report.checkpoints == 3 && report.outsideCheckpoints == 3 && report.prunedBodies == 0)
            let part = try await lab.audit.verify(since: trees[1].size)
            #expect(part.problems.isEmpty && part.rows == rows - trees[1].size && part.checkpoints == 1)
            let none = await #expect(throws: ServiceError.self) { try await lab.audit.verify(since: 7) }
            #expect(none?.code == .notFound)
            // The key is asked of the database where there is no root key, and may be given.
            let bare = Services(backend: lab.engine.services.backend)
            let unproven = try await bare.audit.verify()
            #expect(unproven.problems.isEmpty && !unproven.isKeyProven)
            let given = try await bare.audit.verify(key: lab.audit.key())
            #expect(given.problems.isEmpty && given.isKeyProven)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func editedRows(_ database: TestDatabase) async throws {
        try await Self.sealed(database) { lab, _ in
            let id = try await lab.number("(SELECT audit_id FROM actions_audit_leaves WHERE leaf_index = 25)")
            let sealed = try #require(
                try await lab.engine.rows("SELECT * FROM actions_audit_log WHERE id = \(id)").first)
            for column in ["actor", "action", "object_id", "outcome"] {
                let value = column == "outcome" ? "denied" : "x"
                try await lab.tamper("UPDATE actions_audit_log SET \(column) = '\(value)' WHERE id = \(id)")
                let report = try await lab.audit.verify()
                #expect(Self.kinds(report) == ["edited 25..<26 row \(id)"], "\(column)")
                let own: String = try sealed[column]
                try await lab.tamper("UPDATE actions_audit_log SET \(column) = '\(own)' WHERE id = \(id)")
            }
            #expect(try await lab.audit.verify().problems.isEmpty)
            try await lab.tamper("UPDATE actions_audit_bodies SET body = '{}' WHERE audit_id = \(id)")
            #expect(try await Self.kinds(lab.audit.verify()) == ["edited 25..<26 row \(id)"])
            // Whoever computes the leaf anew as well meets the root that was signed.
            let row = try #require(try await lab.engine.rows("SELECT * FROM actions_audit_log WHERE id = \(id)").first)
            let body = try #require(try AuditLeaf.hash(ofBody: .text("{}")))
            let leaf = MerkleHash.leaf(try AuditLeaf.data(row, bodyHash: body))
            func literal(_ bytes: [UInt8]) -> String {
                database == .postgres ? "'\\x\(SHA256.hex(bytes))'" : "x'\(SHA256.hex(bytes))'"
            }
            try await lab.tamper(
                "UPDATE actions_audit_leaves SET hash = \(literal(leaf)), body_hash = \(literal(body)) WHERE leaf_index = 25"
            )
            let report = try await lab.audit.verify()
            let batch = try #require(report.problems.first?.leaves)
            #expect(report.problems.map(\.kind) == [.rewritten] && batch.contains(25) && batch.count == 20)
        }
    }

    /// Bytes that are no text are one row's fault, and hide nothing else. PostgreSQL takes none.
    @Test(arguments: TestDatabase.allCases.filter { $0 != .postgres })
    func bodiesThatAreNoText(_ database: TestDatabase) async throws {
        try await Self.sealed(database) { lab, _ in
            func id(_ leaf: Int) async throws -> Int64 {
                try await lab.number("(SELECT audit_id FROM actions_audit_leaves WHERE leaf_index = \(leaf))")
            }
            let (edited, other) = (try await id(25), try await id(30))
            try await lab.tamper(
                "UPDATE actions_audit_bodies SET body = cast(x'ff00fe' AS TEXT) WHERE audit_id = \(edited)",
                "UPDATE actions_audit_log SET actor = 'x' WHERE id = \(other)")
            // A body that no row has, and a row with such a body that waits to be sealed.
            let row = """
                INSERT INTO actions_audit_log (created_at, action, operation, actor_kind, actor, object_kind, object_id, month)
                SELECT created_at, 'x', operation, actor_kind, actor, object_kind, object_id, month FROM actions_audit_log
                WHERE id = \(edited)
                """
            try await lab.engine.write(row)
            let own = try await lab.number("(SELECT max(id) FROM actions_audit_log)")
            try await lab.engine.write(
                "INSERT INTO actions_audit_bodies SELECT month, id, cast(x'fe' AS TEXT) FROM actions_audit_log WHERE id = \(own)"
            )
            try await lab.engine.write(
                "INSERT INTO actions_audit_bodies VALUES (200001, \(other), cast(x'ff00fe' AS TEXT))")
            let expected = [
                "edited 25..<26 row \(edited)", "edited 30..<31 row \(other)", "inserted row \(other)",
            ]
            #expect(try await Self.kinds(lab.audit.verify()) == expected)
            #expect(try await lab.audit.seal().rows == 1)
            #expect(try await Self.kinds(lab.audit.verify()) == expected)
            // The row's leaf binds the bytes; they are marked wherever the row is shown.
            let mark = #"{"unreadable":"1 bytes that are not UTF-8"}"#
            var filter = AuditService.Filter()
            filter.action = "x"
            #expect(try await lab.audit.list(filter, by: Engine.principal).items.map(\.body) == [mark])
            var shown: [String] = []
            #expect(try await lab.audit.export(filter, by: Engine.principal) { shown.append($0.body) } == 1)
            let proof = try await lab.audit.prove(own)
            #expect(shown == [mark] && proof.body == nil)
            let changed = await #expect(throws: ServiceError.self) { try await lab.audit.prove(edited) }
            #expect(changed?.code == .conflict)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func deletedRows(_ database: TestDatabase) async throws {
        try await Self.sealed(database) { lab, _ in
            func id(_ leaf: Int) async throws -> Int64 {
                try await lab.number("(SELECT audit_id FROM actions_audit_leaves WHERE leaf_index = \(leaf))")
            }
            let (first, second, third) = (try await id(3), try await id(30), try await id(45))
            try await lab.tamper(
                "DELETE FROM actions_audit_bodies WHERE audit_id IN (\(first), \(second))",
                "DELETE FROM actions_audit_log WHERE id = \(first)",
                "DELETE FROM actions_audit_leaves WHERE leaf_index IN (45, 46)")
            let report = try await lab.audit.verify()
            #expect(
                Self.kinds(report)
                    == [
                        "deleted 3..<4 row \(first)", "deleted 30..<31 row \(second)", "deleted 45..<47",
                        "inserted row \(third)", "inserted row \(third + 1)",
                    ].filter { database != .postgres || !$0.hasPrefix("inserted") })
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func insertedRows(_ database: TestDatabase) async throws {
        try await Self.sealed(database) { lab, _ in
            let id = try await lab.number("(SELECT audit_id FROM actions_audit_leaves WHERE leaf_index = 30)")
            // Room for a row among the others, as if a transaction had been rolled back; of two hours ago.
            let past = database == .postgres ? "created_at - interval '2 hours'" : "created_at - 7200000000"
            try await lab.engine.write(
                """
                INSERT INTO actions_audit_log (id, created_at, action, operation, actor_kind, actor, object_kind, object_id, month)
                SELECT -1, \(past), action, operation, actor_kind, 'mallory', object_kind, object_id, month
                FROM actions_audit_log WHERE id = \(id)
                """)
            #expect(try await Self.kinds(lab.audit.verify()) == ["inserted row -1"])
            try await lab.tamper("DELETE FROM actions_audit_log WHERE id = -1")
            try await lab.engine.write(
                """
                INSERT INTO actions_audit_log (id, created_at, action, operation, actor_kind, actor, object_kind, object_id, month)
                SELECT 0, \(past), action, operation, actor_kind, 'mallory', object_kind, object_id, month
                FROM actions_audit_log WHERE id = \(id)
                """)
            #expect(try await Self.kinds(lab.audit.verify()) == ["inserted row 0"])
            // Also once the sealer has taken it in: it is of before what had been sealed.
            _ = try await lab.audit.seal()
            let size = try await lab.number("(SELECT max(tree_size) FROM actions_audit_checkpoints)")
            #expect(try await Self.kinds(lab.audit.verify()) == ["inserted \(size - 1)..<\(size) row 0"])
            // A leaf that nobody sealed.
            try await lab.engine.write(
                "INSERT INTO actions_audit_leaves (leaf_index, audit_id, hash) SELECT 900, 900, hash FROM actions_audit_leaves"
                    + " WHERE leaf_index = 1")
            #expect(
                try await Self.kinds(lab.audit.verify()) == [
                    "inserted \(size - 1)..<\(size) row 0", "truncated 900..<901 row 900",
                ])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func reorderedRows(_ database: TestDatabase) async throws {
        try await Self.sealed(database) { lab, trees in
            func swap(_ one: Int, _ other: Int, _ columns: [String]) async throws {
                let rows = try await lab.engine.rows(
                    "SELECT leaf_index, audit_id, hash, body_hash FROM actions_audit_leaves"
                        + " WHERE leaf_index IN (\(one), \(other)) ORDER BY leaf_index")
                func values(_ row: Row) throws -> String {
                    try columns.map { name in
                        switch try row.value(name) {
                        case .blob(let bytes):
                            let digits = SHA256.hex(bytes)
                            return "\(name) = " + (database == .postgres ? "'\\x\(digits)'" : "x'\(digits)'")
                        case .integer(let integer): return "\(name) = \(integer)"
                        default: return "\(name) = NULL"
                        }
                    }.joined(separator: ", ")
                }
                let (low, high) = (min(one, other), max(one, other))
                try await lab.tamper(
                    "UPDATE actions_audit_leaves SET audit_id = -audit_id WHERE leaf_index IN (\(low), \(high))",
                    "UPDATE actions_audit_leaves SET \(values(rows[1])) WHERE leaf_index = \(low)",
                    "UPDATE actions_audit_leaves SET \(values(rows[0])) WHERE leaf_index = \(high)")
            }
            let id = try await lab.number("(SELECT audit_id FROM actions_audit_leaves WHERE leaf_index = 30)")
            // The rows alone: each is told with the place where it was sealed.
            try await swap(30, 33, ["audit_id", "body_hash"])
            var report = try await lab.audit.verify()
            #expect(Self.kinds(report) == ["reordered 30..<31 row \(id + 3)", "reordered 33..<34 row \(id)"])
            #expect(report.problems.first?.message.contains("sealed at leaf 33") == true)
            try await swap(30, 33, ["audit_id", "body_hash"])
            #expect(try await lab.audit.verify().problems.isEmpty)
            // With their leaves: ids descend, and the root is another.
            try await swap(30, 33, ["audit_id", "hash", "body_hash"])
            report = try await lab.audit.verify(outside: Outside(trees: trees))
            #expect(Self.kinds(report) == ["reordered \(trees[0].size)..<\(trees[1].size)"])
            #expect(report.problems.first?.message.contains("descend at leaf 31") == true)
        }
    }

    /// What follows a checkpoint is compared with every root behind it, also where the file has that checkpoint, too.
    @Test(arguments: TestDatabase.allCases)
    func sinceACheckpointThatTheFileHas(_ database: TestDatabase) async throws {
        try await Self.sealed(database) { lab, trees in
            let since = trees[0].size
            let sound = try await lab.audit.verify(since: since, outside: Outside(trees: trees))
            #expect(sound.problems.isEmpty && sound.checkpoints == 2 && sound.outsideCheckpoints == 3)
            // Two leaves change places, and the rows with them.
            try await lab.tamper(
                "UPDATE actions_audit_leaves SET leaf_index = 900 WHERE leaf_index = 30",
                "UPDATE actions_audit_leaves SET leaf_index = 30 WHERE leaf_index = 31",
                "UPDATE actions_audit_leaves SET leaf_index = 31 WHERE leaf_index = 900")
            for known in [trees, [trees[0]], []] {
                let report = try await lab.audit.verify(since: since, outside: Outside(trees: known))
                #expect(Self.kinds(report) == ["reordered \(since)..<\(trees[1].size)"])
                #expect(report.checkpoints == 2 && report.outsideCheckpoints == Int64(known.count))
            }
            // The checkpoint to begin with is compared itself.
            let forged = TreeCheckpoint(origin: trees[0].origin, size: since, root: trees[1].root)
            let report = try await lab.audit.verify(since: since, outside: Outside(trees: [forged]))
            #expect(Self.kinds(report).first == "rewritten 0..<\(since)")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func truncatedLogs(_ database: TestDatabase) async throws {
        try await Self.sealed(database) { lab, trees in
            let size = trees[2].size
            try await lab.tamper("DELETE FROM actions_audit_leaves WHERE leaf_index >= \(size - 2)")
            let report = try await lab.audit.verify()
            #expect(Self.kinds(report).first == "truncated \(size - 2)..<\(size)")
            // Without a trace inside, the file outside knows better.
            let first = try await lab.number(
                "(SELECT max(audit_id) FROM actions_audit_leaves WHERE leaf_index < \(trees[1].size))")
            try await lab.tamper(
                "DELETE FROM actions_audit_leaves WHERE leaf_index >= \(trees[1].size)",
                "DELETE FROM actions_audit_checkpoints WHERE tree_size > \(trees[1].size)",
                "DELETE FROM actions_audit_bodies WHERE audit_id > \(first)",
                "DELETE FROM actions_audit_log WHERE id > \(first)")
            #expect(try await lab.audit.verify().problems.isEmpty)
            let outside = try await lab.audit.verify(outside: Outside(trees: trees))
            #expect(Self.kinds(outside) == ["truncated \(trees[1].size)..<\(size)"])
            // What is sealed instead of it does not become what it was.
            try await lab.record(20)
            _ = try await lab.audit.seal()
            let replaced = try await lab.audit.verify(outside: Outside(trees: trees))
            #expect(Self.kinds(replaced) == ["rewritten \(trees[1].size)..<\(size)"])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func forgedCheckpoints(_ database: TestDatabase) async throws {
        try await Self.sealed(database) { lab, trees in
            let size = trees[1].size
            try await lab.tamper(
                "UPDATE actions_audit_checkpoints SET note = replace(note, '\(size)', '\(size + 1)') WHERE tree_size = \(size)"
            )
            let report = try await lab.audit.verify()
            #expect(Self.kinds(report) == ["checkpoint \(trees[0].size)..<\(size)"])
            // One that is gone takes nothing along.
            try await lab.tamper("DELETE FROM actions_audit_checkpoints WHERE tree_size = \(size)")
            #expect(try await lab.audit.verify(outside: Outside(trees: trees)).problems.isEmpty)
        }
    }
}
