import Storage

/// What a group commit did.
struct GroupResult {
    var transactions = 0
    var commits = 0
    var retries = 0
}

/// Group commit: several write transactions share one `BEGIN IMMEDIATE … COMMIT`, each in a savepoint of its own.
extension SQLiteConnection {
    /// Runs the members in order and resumes every one of them: after the commit, or with its error.
    ///
    /// A member that throws is rolled back to its savepoint, alone. If its error ended the whole transaction (a full
    /// disk, an interrupt), it fails and the others run again. If the commit breaks a deferred foreign key, each member
    /// runs again alone to find whose it was; any other failed commit fails them all.
    func commitGroup(_ members: [WriteMember]) -> GroupResult {
        var result = GroupResult()
        var waiting = members
        while !waiting.isEmpty {
            if !begin(waiting) { break }
            var (done, again) = runMembers(waiting)
            result.retries += again.count
            if inTransaction { again += commit(done, &result) }
            done = []
            waiting = again
        }
        return result
    }

    private func begin(_ members: [WriteMember]) -> Bool {
        do {
            try execute("BEGIN IMMEDIATE")
            return true
        } catch {
            for member in members { member.fail(error) }
            return false
        }
    }

    /// Those whose changes stand in the transaction, and those to be run again because it was lost.
    private func runMembers(_ members: [WriteMember]) -> (done: [WriteMember], again: [WriteMember]) {
        var done: [WriteMember] = []
        for (index, member) in members.enumerated() {
            do {
                try run(member, alone: members.count == 1)
                done.append(member)
            } catch {
                member.fail(error)
                if !inTransaction { return ([], done + members[(index + 1)...]) }
            }
        }
        return (done, [])
    }

    /// Throws with the member's changes undone, or with the transaction gone.
    private func run(_ member: WriteMember, alone: Bool) throws {
        do {
            if !alone { try execute("SAVEPOINT plue_member") }
            try member.body(self)
            guard inTransaction else {
                throw StorageError(.misuse, "the transaction ended before its body did")
            }
            if !alone { try execute("RELEASE SAVEPOINT plue_member") }
        } catch {
            undo(alone: alone)
            throw error
        }
    }

    private func undo(alone: Bool) {
        guard inTransaction, !alone else { return rollBack() }
        do {
            try execute("ROLLBACK TO SAVEPOINT plue_member")
            try execute("RELEASE SAVEPOINT plue_member")
        } catch {
            rollBack()
        }
    }

    /// Commits and resumes; returns nothing to run again, since a failed commit is settled here.
    private func commit(_ members: [WriteMember], _ result: inout GroupResult) -> [WriteMember] {
        guard !members.isEmpty else {
            rollBack()
            return []
        }
        do {
            try execute("COMMIT")
            result.commits += 1
            result.transactions += members.count
            for member in members { member.succeed() }
        } catch {
            rollBack()
            guard members.count > 1, error.isConstraint else {
                for member in members { member.fail(error) }
                return []
            }
            for member in members {
                let alone = commitGroup([member])
                result.commits += alone.commits
                result.transactions += alone.transactions
                result.retries += alone.retries + 1
            }
        }
        return []
    }
}
