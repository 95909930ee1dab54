internal import Model
internal import Storage

/// What must hold after each step by what the simulation itself knows, beside the rules of the doctor.
struct SimulationInvariants {
    let before: SimulationSnapshot
    let after: SimulationSnapshot
    let ledger: SimulationLedger
    /// The database's time, where the simulation sets it.
    let now: Timestamp?

    /// The first rule that is broken, in words; nil when all hold.
    var broken: String? {
        let ends = endedJobs ?? endedAttempts
        let runs = claims ?? results ?? needs ?? parallel ?? groups
        return ends ?? runs ?? rules ?? forks ?? takenBack ?? delayed ?? numbers
    }

    /// A job that ended stays as it ended.
    private var endedJobs: String? {
        for (id, old) in before.jobs {
            guard let new = after.jobs[id] else { return "job \(id) disappeared" }
            if old.state.conclusion != nil, old.state != new.state {
                return "job \(id) changed after its end: \(old.state) became \(new.state)"
            }
            if new.state.claims < old.state.claims { return "the fencing token of job \(id) went back" }
        }
        return nil
    }

    private var endedAttempts: String? {
        for (id, old) in before.attempts where old.isTerminal && after.attempts[id] != old {
            return "attempt \(id) changed after its end"
        }
        for (id, old) in before.runs where old.isTerminal {
            guard let new = after.runs[id] else { return "run \(id) disappeared" }
            if !new.isTerminal, new.latestAttempt == old.latestAttempt {
                return "run \(id) is open again without a new attempt"
            }
        }
        return nil
    }

    /// Tokens of a job count its claims from 1, the live one is the newest; a claim that ended stays as it ended.
    private var claims: String? {
        for (id, old) in before.assignments {
            guard let new = after.assignments[id] else { return "assignment \(id) disappeared" }
            if old.finishedAt != nil, old != new { return "assignment \(id) changed after its end" }
        }
        var tokens: [ExecutionID: (count: Int64, highest: Int64)] = [:]
        for assignment in after.assignments.values {
            let known = tokens[assignment.job] ?? (0, 0)
            tokens[assignment.job] = (known.count + 1, max(known.highest, assignment.token))
        }
        for (id, known) in tokens where known.count != known.highest || after.jobs[id]?.state.claims != known.highest {
            return "the tokens of job \(id) do not count its claims"
        }
        for (id, lease) in after.leases where lease.token != after.jobs[id]?.state.claims {
            return "the live claim of job \(id) is not its newest"
        }
        return nil
    }

    /// A result that was taken stays, and nothing succeeded without one.
    private var results: String? {
        for (id, accepted) in ledger.accepted where after.jobs[id]?.state.conclusion != accepted.conclusion {
            let state = after.jobs[id]?.state
            return "job \(id) was completed as \(accepted.conclusion.rawValue), but is \(String(describing: state))"
        }
        for job in after.jobs.values where job.state.conclusion == .success && !job.isCall && !job.isCarried {
            if ledger.accepted[job.id] == nil { return "job \(job.id) succeeded, but no runner said so" }
        }
        return nil
    }

    /// No job went on before its needs ended.
    private var needs: String? {
        for edge in after.needs {
            guard let job = after.jobs[edge.job], let needed = after.jobs[edge.needed] else {
                return "a need of job \(edge.job) is not there"
            }
            if job.isAdmitted, needed.state.conclusion == nil {
                return "job \(job.id) is \(job.state.status.rawValue) before \(needed.id) ended"
            }
        }
        return nil
    }

    private var parallel: String? {
        var running: [SimulationSnapshot.Job.Matrix: Int64] = [:]
        for job in after.jobs.values where job.state.status == .inProgress {
            running[job.matrix, default: 0] += 1
            if let limit = job.maxParallel, running[job.matrix, default: 0] > limit {
                return "more than \(limit) legs of \(job.matrix) are in progress"
            }
        }
        return nil
    }

    /// By what goes on, whatever the slots say.
    private var groups: String? {
        var holders: [String: String] = [:]
        let runs = after.runs.values.filter { !$0.isTerminal && !$0.isHeld }.map { ($0.group, "run \($0.id)") }
        let jobs = after.jobs.values.filter(\.isAdmitted).map { ($0.group, "job \($0.id)") }
        for case (let group?, let holder) in runs + jobs {
            if let other = holders.updateValue(holder, forKey: group) {
                return "group \(group) has two holders: \([holder, other].sorted().joined(separator: ", "))"
            }
        }
        return nil
    }

    /// No job went on against the rules of its environment.
    private var rules: String? {
        for job in after.jobs.values where job.isAdmitted {
            guard let rules = job.environment.flatMap({ SimulationWorld.environments[$0] }) else { continue }
            guard let gate = after.gates[job.id], gate.isPassed else {
                return "job \(job.id) is \(job.state.status.rawValue), but its gate is not passed"
            }
            if !rules.reviewers.isEmpty, !gate.isApproved || !ledger.approved.contains(job.run) {
                return "job \(job.id) is \(job.state.status.rawValue), but nobody approved it"
            }
            // Passed in this step: a clock that is set back later does not begin the wait anew.
            if rules.waitMinutes > 0, before.gates[job.id]?.isPassed != true, let now, let until = gate.until,
                until > now
            {
                return "job \(job.id) is \(job.state.status.rawValue) before its wait timer ended"
            }
        }
        return nil
    }

    /// Nothing of a fork's run started before somebody approved it.
    private var forks: String? {
        for job in after.jobs.values
        where job.isAdmitted && ledger.forks.contains(job.run) && !ledger.approved.contains(job.run) {
            // A run that was rejected may be run again: who does that approves it.
            if after.runs[job.run]?.latestAttempt == 1 { return "job \(job.id) of a fork started without an approval" }
        }
        return nil
    }

    /// Only a claim whose lease ended returns to the queue.
    private var takenBack: String? {
        guard let now else { return nil }
        for (id, lease) in before.leases where after.leases[id]?.token != lease.token {
            guard let old = before.jobs[id], let new = after.jobs[id], new.lostClaims > old.lostClaims else { continue }
            if let until = lease.until, until >= now { return "job \(id) was taken back before its lease ended" }
        }
        return nil
    }

    /// A job that is delayed is claimed after its time only.
    private var delayed: String? {
        guard let now else { return nil }
        for (id, until) in before.delayed where after.delayed[id] == nil && until > now {
            if after.jobs[id]?.state.conclusion == nil { return "job \(id) was queued before its delay had passed" }
        }
        return nil
    }

    private var numbers: String? {
        for numbers in after.numbers where numbers.count != numbers.highest || numbers.next != numbers.highest + 1 {
            return "\(numbers.count) runs of a workflow have numbers up to \(numbers.highest), \(numbers.next) is next"
        }
        return nil
    }
}
