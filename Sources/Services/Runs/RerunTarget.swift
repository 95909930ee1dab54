internal import Model
internal import WorkflowSyntax

/// The job that somebody wants to run again, as people name it.
struct RerunTarget {
    let run: RunID
    /// Those that the run has: what was not chosen for it is none of its jobs.
    let jobs: [Job]
    /// Of the last attempt, with those of called workflows.
    let executions: [JobExecution]

    /// The key of the job with that key, else of the one with that name: as its file gives it, or as it is shown.
    ///
    /// Throws ``ServiceError`` `not_found` for a text that names none of the run, or a part of one; `conflict` when it names
    /// several, or one that has not ended.
    func key(of text: String) throws -> String {
        let key = try find(text.lowercased(), text)
        let open = executions.filter { $0.parentID == nil && $0.jobKey == key && $0.conclusion == nil }
        guard let first = open.first else { return key }
        let state = first.status.rawValue + (first.hold.map { " (\($0.rawValue))" } ?? "")
        let legs = open.count > 1 ? ", as \(open.count - 1) more of its legs" : ""
        throw ServiceError(
            .conflict, "run \(run)",
            "job \(key) has not ended, it is \(state)\(legs): wait for its end (`plue why \(run)` says what it waits for), "
                + "or cancel the run first (`plue cancel \(run)`)")
    }

    private func find(_ folded: String, _ text: String) throws -> String {
        if let job = jobs.first(where: { $0.id.lowercased() == folded }) { return job.id }
        let top = executions.filter { $0.parentID == nil }
        let named = jobs.filter { job in
            let legs = top.filter { $0.jobKey == job.id }
            return job.name?.literalText?.lowercased() == folded
                || legs.count == 1 && legs[0].name.lowercased() == folded
        }
        if let job = named.first, named.count == 1 { return job.id }
        guard named.isEmpty else {
            throw ServiceError(
                .conflict, "run \(run)", "it has several jobs named \(text): give the key of one, \(Self.list(named))")
        }
        if let leg = top.first(where: { $0.name.lowercased() == folded }) {
            throw ServiceError(
                .notFound, "run \(run)", "\(text) is one leg of job \(leg.jobKey), which runs again as a whole")
        }
        if let caller = caller(of: folded) {
            throw ServiceError(.notFound, "run \(run)", "it has no job \(text); \(caller) as a whole can be run again")
        }
        throw ServiceError(.notFound, "run \(run)", "it has no job \(text); its jobs are \(Self.list(jobs))")
    }

    /// The job of the run that calls the workflow which that job is of.
    private func caller(of folded: String) -> String? {
        guard folded.contains("/") else { return nil }
        let inner = executions.first { job in
            job.parentID != nil && [job.keyPath, job.name].contains { $0.lowercased() == folded }
        }
        // Of a call that was carried over the last attempt has no inner jobs.
        guard var key = (inner?.keyPath.lowercased() ?? folded).split(separator: "/").first else { return nil }
        while key.last == " " { key.removeLast() }
        return jobs.first { [$0.id, $0.name?.literalText].contains { $0?.lowercased() == String(key) } }?.id
    }

    private static func list(_ jobs: [Job]) -> String { jobs.map(\.id).joined(separator: ", ") }
}
