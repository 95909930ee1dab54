internal import Model
internal import WorkflowSyntax

/// Which jobs of the last attempt run again.
struct RerunPlan {
    /// By job key.
    private(set) var carried: [String: CarriedJob] = [:]
    private(set) var runsAnything = false
    /// Keys of jobs that are open: nothing of them runs again.
    private(set) var open: Set<String> = []
    /// A job that is open, past waiting for its needs, one of which is to run again.
    private(set) var overtaken: String?

    init(_ workflow: Workflow, _ executions: [JobExecution], _ scope: RerunScope, chosen: Set<String>) {
        let jobs = workflow.jobs.filter { chosen.contains($0.id.lowercased()) }
        let byKey = Dictionary(grouping: executions, by: \.jobKey)
        var again: Set<String> = []
        open = Set(jobs.map(\.id).filter { key in (byKey[key] ?? []).contains { $0.conclusion == nil } })
        // Needs stand in any order in the file: repeat until nothing is added.
        var grew = true
        while grew {
            grew = false
            for job in jobs where !again.contains(job.id) && !open.contains(job.id) {
                let isChosen = Self.isChosen(job, byKey[job.id] ?? [], scope)
                if isChosen || job.needs.contains(where: { again.contains($0.id) }) {
                    again.insert(job.id)
                    grew = true
                }
            }
        }
        runsAnything = !again.isEmpty
        for job in jobs {
            let legs = byKey[job.id] ?? []
            let dependsOnRerun = job.needs.contains { again.contains($0.id) }
            if open.contains(job.id) {
                if dependsOnRerun, !legs.allSatisfy({ $0.status == .pending && $0.hold == .needs }) {
                    overtaken = job.id
                }
            } else if !again.contains(job.id) {
                carried[job.id] = CarriedJob(legs: legs, failedLegs: [])
            } else if case .failed = scope, !dependsOnRerun, legs.count > 1, legs.allSatisfy({ $0.kind == .steps }) {
                carried[job.id] = CarriedJob(
                    legs: legs.filter { !Self.needsRerun($0) }, failedLegs: legs.filter(Self.needsRerun))
            }
        }
    }

    private static func isChosen(_ job: Job, _ legs: [JobExecution], _ scope: RerunScope) -> Bool {
        switch scope {
        case .all: true
        case .failed: legs.isEmpty || legs.contains(where: needsRerun)
        case .job(let key): job.id.lowercased() == key.lowercased()
        }
    }

    private static func needsRerun(_ leg: JobExecution) -> Bool {
        switch leg.conclusion {
        case .failure, .startupFailure, .cancelled: true
        case .success, .neutral, .skipped, nil: false
        }
    }
}
