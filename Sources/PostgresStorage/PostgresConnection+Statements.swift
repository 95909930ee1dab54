import CLibPQ
import Storage

/// Statements as one pipeline with what belongs around them.
extension PostgresConnection {
    /// Runs statements in one round trip, with `commit` a COMMIT after them.
    func perform(_ statements: [Statement], commit: Bool = false) throws(StorageError) -> [Rows] {
        try checkUsable()
        if statements.isEmpty, !commit { return [] }
        let isOutside = state.mode == .none && !inTransaction
        var plan = try plan(statements)
        let answer = send(plan, commit: commit)
        if let failure = answer.failure?.failure, failure.isStalePlan, isOutside, !answer.isLost {
            // The schema changed under a prepared statement, and nothing was done yet.
            cache.removeAll()
            plan = try self.plan(statements)
            return try rows(plan, send(plan, commit: commit), commit: commit)
        }
        return try rows(plan, answer, commit: commit)
    }

    /// The types of a query's columns; it is not run.
    func describe(_ sql: String) throws(StorageError) -> [UInt32] {
        try checkUsable()
        try checkGoesOn(.query)
        var plan = StatementPlan()
        plan.append(.prepare(name: "", sql: sql, types: []), .other)
        plan.append(.describe(name: ""), .other)
        let answer = send(plan, commit: false)
        _ = try rows(plan, answer, commit: false)
        return answer.results[1]?.columnTypes ?? []
    }

    private func plan(_ statements: [Statement]) throws(StorageError) -> StatementPlan {
        let mark = cache.mark
        var plan = StatementPlan()
        do throws(StorageError) {
            for statement in statements { try add(statement, to: &plan) }
        } catch {
            for prepared in plan.new { cache.remove(prepared) }
            throw error
        }
        cache.evict(before: mark)
        return plan
    }

    private func add(_ statement: Statement, to plan: inout StatementPlan) throws(StorageError) {
        guard statement.parameters.count <= dialect.parameterLimit else {
            throw StorageError(.misuse, "a statement has more than \(dialect.parameterLimit) parameters")
        }
        if !options.transactionPooler, let known = cache.find(statement) {
            try checkGoesOn(.query)
            return try add(known, statement, to: &plan)
        }
        guard !statement.sql.utf8.contains(0) else { throw StorageError(.syntax, "a statement contains a NUL") }
        let kind = StatementKind(statement.sql)
        try checkGoesOn(kind)
        switch kind {
        case .copy: throw StorageError(.misuse, "COPY is not a statement to execute: use `copy(into:)`")
        case .query where !options.transactionPooler:
            let prepared = cache.add(statement)
            plan.new.append(prepared)
            plan.append(
                .prepare(name: prepared.name, sql: prepared.sql, types: prepared.declared), .prepare(prepared))
            if prepared.needsDescription { plan.append(.describe(name: prepared.name), .describe(prepared)) }
            try add(prepared, statement, to: &plan)
        default:
            if kind == .session { isTouched = true }
            if kind == .begin { plan.begins = true }
            if kind == .schema { plan.changesSchema = true }
            let once = PreparedStatement(statement, name: "")
            if once.touchesSession { isTouched = true }
            plan.append(
                .query(sql: statement.sql, try once.encode(statement.parameters), types: once.declared),
                .statement(nil))
        }
    }

    private func add(
        _ prepared: PreparedStatement, _ statement: Statement, to plan: inout StatementPlan
    ) throws(StorageError) {
        if prepared.touchesSession { isTouched = true }
        plan.append(
            .execute(name: prepared.name, try prepared.encode(statement.parameters)), .statement(prepared))
    }

    /// A transaction that has failed takes nothing but the way back to a savepoint; its end is not the body's affair.
    private func checkGoesOn(_ kind: StatementKind) throws(StorageError) {
        guard state.mode != .none else { return }
        if kind.controlsTransaction {
            throw StorageError(.misuse, "a transaction's body must not contain BEGIN, COMMIT or ROLLBACK")
        }
        if let failure = state.failure, kind != .rollbackToSavepoint { throw failure }
    }

    private func send(_ plan: StatementPlan, commit: Bool) -> PostgresSession.Answer {
        var whole = StatementPlan()
        for text in state.pending { whole.append(.text(text), .other) }
        // Not before a BEGIN: its isolation level must come first.
        if !plan.begins {
            if cache.forgetsAll { life?.isPrepared = false }
            for command in cache.takeForgotten() { whole.append(command, .other) }
        }
        if state.mode != .none { state.hasBegun = true }
        state.pending = []
        if commit, let known = life, !known.isPrepared {
            whole.append(
                .prepare(name: TransactionNumber.knownName, sql: TransactionNumber.knownSQL, types: []), .other)
        }
        let offset = whole.commands.count
        whole.commands += plan.commands
        if commit {
            // The server sends the transaction's number before it commits, so that a lost answer can be asked for.
            whole.append(
                life == nil
                    ? .text(TransactionNumber.ownSQL)
                    : .execute(name: TransactionNumber.knownName, Parameters()), .other)
            whole.append(.flush, .other)
            whole.append(.text("COMMIT"), .other)
        }
        let began = ContinuousClock.now
        var answer = session.run(whole.commands)
        if var (index, failure) = answer.failure {
            failure.hasTimedOut =
                !handle.wasInterrupted && options.statementTimeout.map { ContinuousClock.now - began >= $0 } == true
            index -= offset
            answer.failure = (index, failure)
        }
        answer.results.removeFirst(offset)
        if commit, offset > 0, answer.failure.map({ $0.index >= 0 }) ?? !answer.isLost { life?.isPrepared = true }
        return answer
    }

    private func rows(
        _ plan: StatementPlan, _ answer: PostgresSession.Answer, commit: Bool
    ) throws(StorageError) -> [Rows] {
        learn(plan, answer)
        if answer.isLost { try noteLoss(plan, answer, commit: commit) }
        if let failure = answer.failure?.failure, !answer.isLost {
            if failure.isStalePlan { cache.removeAll() }
            let error = failure.error
            if state.mode != .none || session.status == Int32(PLUE_TRANS_INERROR) {
                state.failure = state.failure ?? error
            }
            throw error
        }
        if !answer.isLost {
            state.failure = nil
            if commit { try noteCommit(answer) }
        }
        if plan.changesSchema { cache.removeAll() }
        var rows: [Rows] = []
        for (role, result) in zip(plan.roles, answer.results) {
            guard case .statement(let prepared) = role, let result else { continue }
            guard result.status != Int32(PLUE_EMPTY_QUERY) else {
                throw StorageError(.syntax, "there is no statement in the text")
            }
            if let prepared {
                rows.append(try prepared.rows(result))
            } else {
                rows.append(try Shape(result).rows(result))
            }
        }
        return rows
    }

    /// Which statements the server has prepared, and the types of their parameters.
    private func learn(_ plan: StatementPlan, _ answer: PostgresSession.Answer) {
        for (role, result) in zip(plan.roles, answer.results) {
            switch role {
            case .prepare(let prepared): if result != nil { prepared.isReady = true }
            case .describe(let prepared): if let result { prepared.describe(result) }
            case .statement, .other: break
            }
        }
        for prepared in plan.new where !prepared.isReady { cache.remove(prepared) }
    }
}
