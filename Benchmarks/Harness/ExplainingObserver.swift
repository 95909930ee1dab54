internal import Storage
internal import Synchronization
internal import WorkflowSyntax

/// Runs `EXPLAIN (ANALYZE)` of each statement of PostgreSQL just before it, and undoes what that changed.
final class ExplainingObserver: StatementObserver {
    private struct Undo: Error {
        let plan: String
    }

    private let state = Mutex(OperationCost())

    var cost: OperationCost { state.withLock { $0 } }

    func willRun(_ statements: [Statement], _ call: ObservedCall, on db: isolated any StorageConnection) throws {
        for statement in statements {
            // What is explained before the pipeline runs would be planned otherwise.
            if statement.sql == db.dialect.planByIndex { _ = try db.execute(statement) }
            guard ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(where: statement.sql.hasPrefix) else {
                continue
            }
            let explain = Statement(
                sql: "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) \(statement.sql)", parameters: statement.parameters)
            do {
                _ = try db.savepoint { db in
                    // A statement that needs rows of one before it in the same pipeline fails here: foreign keys wait.
                    _ = try db.execute(Statement(sql: db.dialect.deferForeignKeys))
                    throw Undo(plan: try db.execute(explain).first?["QUERY PLAN"] ?? "")
                }
            } catch let undo as Undo {
                let read = try PostgresPlan(undo.plan).cost(statement.sql)
                state.withLock { $0.add(read) }
            }
        }
    }

    func willEnd(_ kind: ObservedTransaction, on db: isolated any StorageConnection) {}
}
