import CLibPQ
import Storage

/// Transactions: BEGIN goes with the first statement, and a reader's COMMIT is not waited for.
extension PostgresConnection {
    /// Runs `body` in a transaction once.
    func attempt<R: Sendable>(
        _ mode: TransactionState.Mode, _ body: @Sendable (isolated any StorageConnection) throws -> R
    ) -> Attempt<R> {
        if session.looksDead { return .stale }
        begin(mode)
        defer { endLease() }
        let result: R
        do {
            result = try body(self)
        } catch {
            return abandoned(error)
        }
        // An error that the body hid has ended the transaction all the same.
        if let failure = state.failure { return abandoned(failure) }
        if mode == .read || !state.hasBegun { return .done(result) }
        do {
            if state.commit == nil {
                state.pending = []
                _ = try perform([], commit: true)
            }
        } catch {
            return abandoned(error)
        }
        if case .unknown(let transaction) = state.commit { return .unknown(result, transaction: transaction) }
        return .done(result)
    }

    /// Lends the connection to a body that may suspend; nil if the server has ended it already.
    func lend<R: Sendable>(
        _ body: @Sendable (isolated any StorageConnection) async throws -> R
    ) async throws -> R? {
        if session.looksDead { return nil }
        defer { endLease() }
        return try await body(self)
    }

    func close() {
        session.close()
    }

    /// The connection was lost while `plan` ran. Returns if it was at the commit, after every statement's result.
    func noteLoss(
        _ plan: StatementPlan, _ answer: PostgresSession.Answer, commit: Bool
    ) throws(StorageError) {
        state.failure = session.lost
        guard commit else { throw session.lost }
        if let number = answer.results[plan.commands.count] {
            // NULL: it wrote nothing, and may run again.
            guard let transaction = try transaction(number) else { throw session.lost }
            state.failure = nil
            state.commit = .unknown(transaction: transaction)
            return
        }
        // The number is sent before the commit is begun: a stream that ended without it ended before. Of a network
        // that fell silent nothing is known.
        if session.fellSilent { state.isUnknowable = true }
        throw session.lost
    }

    /// What the server said before the commit; nil when the transaction wrote nothing.
    private func transaction(_ result: PostgresResult) throws(StorageError) -> TransactionNumber? {
        let values = try Shape(result).rows(result).values
        guard case .integer(let number)? = values.first else { return nil }
        if values.count == 2, case .text(let text) = values[1] { return TransactionNumber(number: number, life: text) }
        return life.map { TransactionNumber(number: number, life: $0.text) }
    }

    func noteCommit(_ answer: PostgresSession.Answer) throws(StorageError) {
        guard let tag = answer.results.last??.tag, tag == "COMMIT" else {
            let error = StorageError(.misuse, "the transaction had ended before it was committed")
            state.failure = error
            throw error
        }
        state.commit = .done
        // Behind a pooler the next transaction may be another connection's.
        guard life == nil, !options.transactionPooler, let number = answer.results[answer.results.count - 3] else {
            return
        }
        let values = try Shape(number).rows(number).values
        if values.count == 2, case .text(let text) = values[1] { life = (text, false) }
    }

    /// Leaves nothing of a lease for the next one.
    func endLease() {
        let goodEnd = state.mode == .read && state.failure == nil
        state = TransactionState()
        if session.status != Int32(PLUE_TRANS_IDLE) { session.post(goodEnd ? "COMMIT" : "ROLLBACK") }
        guard isTouched else { return }
        isTouched = false
        // Behind a pooler the session is not ours to reset.
        guard !options.transactionPooler else { return handle.spoil() }
        let reset = [
            "SET SESSION AUTHORIZATION DEFAULT", "RESET ALL", "CLOSE ALL", "UNLISTEN *",
            "SELECT pg_advisory_unlock_all()", "DISCARD SEQUENCES", "DISCARD TEMP", "DEALLOCATE ALL",
            settings.forSession,
        ]
        cache.removeAll()
        life?.isPrepared = false
        if session.run(reset.map { .text($0) }).failure != nil { handle.spoil() }
    }

    private func begin(_ mode: TransactionState.Mode) {
        state = TransactionState()
        state.mode = mode
        state.pending = [
            mode == .read
                ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
        ]
        if options.transactionPooler { state.pending.append(settings.forTransaction) }
    }

    private func abandoned<R>(_ error: any Error) -> Attempt<R> {
        guard let failure = state.failure, failure.code == .serialization || failure.code == .connectionLost else {
            return .failed(error)
        }
        guard !state.isUnknowable else {
            return .failed(
                StorageError(
                    .connectionLost, subject: session.place,
                    "the network to the database server \(session.place) failed during a commit; whether it was done is"
                        + " not known"))
        }
        return .retry(failure)
    }
}
