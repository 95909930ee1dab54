import Model
import QueryBuilder
import Storage
import Testing

@testable import PlueActions
@testable import Services

@Suite struct SchemaTests {
    @Test("1. creates the schema", arguments: ActionsDatabase.allCases)
    func createsTheSchema(_ database: ActionsDatabase) async throws {
        try await database.withEmpty { actions in
            #expect(try await actions.tables(matching: "actions_%").isEmpty)
            #expect(try await actions.applyMigrations() > 0)
            #expect(try await actions.applyMigrations() == 0)
            let tables = try await actions.tables(matching: "actions_%")
            for table in [
                "actions_workflows", "actions_workflow_runs", "actions_jobs", "actions_job_executions",
                "actions_runners", "actions_secrets",
            ] { #expect(tables.contains(table)) }
            #expect(!tables.contains { $0.hasSuffix("0") }, "partitions are not tables of their own")
            #expect(try await actions.tables(matching: "'); DROP TABLE actions_jobs;--").isEmpty)
            #expect(try await actions.tables(matching: "actions_%") == tables)
        }
    }

    @Test("2. the schema has the indexes that the hot queries use", arguments: ActionsDatabase.allCases)
    func hotQueriesUseTheirIndexes(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let indexes = try await platform.actions.indexes(of: "actions_workflow_runs")
            #expect(indexes.contains("actions_workflow_runs_repository"))
            let run = try await platform.run(jobs: "  a: {runs-on: x, steps: [{run: a}]}")
            let runner = try await platform.runner()
            let job = try #require(try await platform.claim(runner).first)
            let id = job.execution.id
            let repository = platform.repository.id
            let log = try #require(
                try await platform.actions.services.backend.read { db in try StoredLog(of: id, on: db) })
            let chunks = log.chunks("first_line", "data")
            let queries: [(Select, [String])] = [
                (
                    HistoryService.transitionQuery(of: run.id, after: 3, limit: 50),
                    ["actions_transitions_run", "run_id_id_idx"]
                ),
                (
                    chunks.and("first_line <= 5").orderBy("first_line DESC").limit(1),
                    ["actions_log_chunks_line", "first_line_idx"]
                ),
                (
                    chunks.and("first_byte <= 5").orderBy("first_byte DESC").limit(1),
                    ["actions_log_chunks_byte", "first_byte_idx"]
                ),
                (
                    Select("*").from("actions_workflow_runs").where("repository_id = \(repository)").orderBy("id DESC")
                        .limit(50), ["actions_workflow_runs_repository"]
                ),
                (
                    Select("*").from("actions_job_executions").where("workflow_run_id = \(run.id)").orderBy("id"),
                    ["actions_job_executions_run"]
                ),
                (
                    Select("q.execution_id").from("actions_job_queue AS q").where("q.label_set_id = 1")
                        .orderBy("q.rank, q.execution_id").limit(10), ["actions_job_queue_order", "PRIMARY KEY"]
                ),
            ]
            for (query, names) in queries {
                let plan = try await Self.plan(query, platform.actions)
                #expect(names.contains { plan.contains($0) }, "\(plan)")
                #expect(!plan.contains("SCAN actions") && !plan.contains("TEMP B-TREE"), "\(plan)")
            }
            // A check reads the roles of one user, however many there are.
            let check = try await Self.plan(AccessRows.user("eve", .run(run.id)), platform.actions)
            #expect(check.contains("actions_role_grants_principal"), "\(check)")
            let token = Select("execution_id").from("actions_leases").where("token_sha256 = \("0")")
            #expect(try await Self.plan(token, platform.actions).contains("actions_leases_token"))
            try await platform.complete(job)
        }
    }

    private static func plan(_ query: Select, _ actions: Actions) async throws -> String {
        try await actions.services.backend.read { db in
            let statement = query.statement(for: db.dialect)
            let word = db.dialect.hasPartitions ? "EXPLAIN " : "EXPLAIN QUERY PLAN "
            // The tables of a test are so small that reading them whole is quicker.
            if db.dialect.hasPartitions {
                _ = try db.execute(Statement(sql: "SET LOCAL enable_seqscan = off"))
                _ = try db.execute(Statement(sql: "SET LOCAL enable_sort = off"))
            }
            return try db.execute(Statement(sql: word + statement.sql, parameters: statement.parameters)).map { row in
                try row[db.dialect.hasPartitions ? "QUERY PLAN" : "detail"] as String
            }.joined(separator: "\n")
        }
    }
}
