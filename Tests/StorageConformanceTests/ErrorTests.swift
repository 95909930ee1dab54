import QueryBuilder
import Storage
import Testing

/// An error has the same code and subject whichever database found it.
@Suite struct ErrorTests {
    @Test(arguments: Backend.allCases)
    func constraintsNameTheirColumns(backend: Backend) async throws {
        try await backend.with { storage in
            try await storage.transaction { db in
                try db.run("CREATE TABLE p (id BIGINT PRIMARY KEY, a TEXT NOT NULL, b TEXT, n BIGINT, UNIQUE (a, b))")
                try db.run("CREATE UNIQUE INDEX p_next ON p ((n + 1))")
                try db.run("CREATE TABLE k (p BIGINT REFERENCES p (id), n BIGINT CONSTRAINT k_n CHECK (n > 0))")
                try db.run(Insert("p").values(["id": 1, "a": "secret", "b": "hidden", "n": 5]))
            }
            func check(_ expected: StorageError.Code, _ subject: String?, _ query: some Query) async {
                await #expect {
                    try await storage.transaction { db in try db.run(query).changes }
                } throws: { error in
                    guard let error = error as? StorageError else { return false }
                    let isNamed = error.subject == subject || (subject == nil && expected == .foreignKey)
                    return error.code == expected && isNamed && error.isConstraint
                        && !error.message.contains("secret") && !error.message.contains("hidden")
                }
            }
            await check(.unique, "p.id", Insert("p").values(["id": 1, "a": "x"]))
            await check(.unique, "p.a, p.b", Insert("p").values(["id": 2, "a": "secret", "b": "hidden"]))
            await check(.unique, "p_next", Insert("p").values(["id": 2, "a": "x", "n": 5]))
            await check(.notNull, "p.a", Insert("p").values(["id": 2]))
            await check(.check, "k_n", Insert("k").values(["n": -1]))
            await check(.foreignKey, nil, Insert("k").values(["p": 5]))
            await #expect { try await storage.read { db in try db.run("SELECT 1 FROM nope").count } } throws: {
                code($0) == .noSuchTable && ($0 as? StorageError)?.subject == "nope"
            }
            await #expect { try await storage.read { db in try db.run("SELECT nope FROM p").count } } throws: {
                code($0) == .syntax
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func anErrorThatABodyHidesIsNotCommittedInParts(backend: Backend) async throws {
        try await backend.with { storage in
            try await storage.transaction { db in _ = try db.run("CREATE TABLE t (id BIGINT PRIMARY KEY)") }
            let hiding = Task {
                try await storage.transaction { db in
                    try db.run(Insert("t").values(["id": 1]))
                    _ = try? db.run(Insert("t").values(["id": 1]))
                }
            }
            func count() async throws -> Int {
                try await storage.read { db in try db.run(Select("id").from("t")).count }
            }
            if backend.isPostgres {
                // The transaction is over on the server: the error comes out after all.
                await #expect { try await hiding.value } throws: { code($0) == .unique }
                #expect(try await count() == 0)
            } else {
                try await hiding.value
                #expect(try await count() == 1)
            }
            // In a savepoint an error may be met, on every database.
            try await storage.transaction { db in
                try db.run(Insert("t").values(["id": 7]))
                _ = try? db.savepoint { db in try db.run(Insert("t").values(["id": 7])) }
                try db.savepoint { db in _ = try db.run(Insert("t").values(["id": 8])) }
            }
            #expect(try await count() == (backend.isPostgres ? 2 : 3))
        }
    }

    @Test(arguments: Backend.postgresCases)
    func aSavepointThatHidesAnErrorIsUndone(backend: Backend) async throws {
        try await backend.with { storage in
            try await storage.transaction { db in _ = try db.run("CREATE TABLE t (id BIGINT PRIMARY KEY)") }
            try await storage.transaction { db in
                try db.run(Insert("t").values(["id": 1]))
                #expect {
                    try db.savepoint { db in
                        try db.run(Insert("t").values(["id": 2]))
                        _ = try? db.run(Insert("t").values(["id": 2]))
                    }
                } throws: { code($0) == .unique }
                try db.run(Insert("t").values(["id": 3]))
            }
            let ids = try await storage.read { db in
                try db.run(Select("id").from("t").orderBy("id")).map { try $0["id"] as Int }
            }
            #expect(ids == [1, 3])
        }
    }

    @Test(arguments: Backend.postgresCases)
    func partitionsAndTriggers(backend: Backend) async throws {
        try await backend.with { storage in
            try await storage.transaction { db in
                try db.executeScript(
                    """
                    CREATE TABLE part (id bigint, day date) PARTITION BY RANGE (day);
                    CREATE TABLE t (id bigint);
                    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
                    BEGIN
                        -- a comment; with 'quotes
                        RAISE EXCEPTION 'no; never';
                    END;
                    $body$;
                    CREATE FUNCTION one() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END;
                    CREATE TRIGGER t_refuse BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION refuse()
                    """)
            }
            await #expect {
                try await storage.transaction { db in
                    try db.run("INSERT INTO part VALUES (1, '2000-01-01')").changes
                }
            } throws: { code($0) == .noPartition && ($0 as? StorageError)?.subject == "part" }
            await #expect {
                try await storage.transaction { db in try db.run(Insert("t").values(["id": 1])).changes }
            } throws: { code($0) == .raised && "\($0)" == "no; never" }
        }
    }

    @Test(arguments: Backend.postgresCases)
    func scriptsHoldNoTransactionControl(backend: Backend) async throws {
        try await backend.with { storage in
            try await storage.transaction { db in _ = try db.run("CREATE TABLE a (id BIGINT)") }
            for control in ["COMMIT", "/* x */ rollback", "BEGIN", "SAVEPOINT x", "END", "PREPARE TRANSACTION 'x'"] {
                await #expect {
                    try await storage.transaction { db in
                        try db.executeScript("INSERT INTO a VALUES (1); -- ;\n\(control);\nDELETE FROM a;")
                    }
                } throws: { code($0) == .misuse && "\($0)".contains("line 2") }
            }
            await #expect {
                try await storage.transaction { db in
                    try db.executeScript("INSERT INTO a VALUES (1);\n\n  -- here\nINSERT INTO nope\nVALUES (2);")
                }
            } throws: { code($0) == .noSuchTable && "\($0)".hasPrefix("statement at line 4: ") }
            for statement: SQL in ["COMMIT", "ROLLBACK", "BEGIN", "COPY a TO STDOUT"] {
                await #expect {
                    try await storage.transaction { db in
                        try db.run("INSERT INTO a VALUES (1)")
                        _ = try db.run(statement)
                    }
                } throws: { code($0) == .misuse }
            }
            #expect(try await storage.read { db in try db.run("SELECT * FROM a").count } == 0)
        }
    }
}
