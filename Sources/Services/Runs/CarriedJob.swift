internal import Model
internal import Storage

/// A job of an earlier attempt: legs that are carried over, and legs of the same matrix that run again.
struct CarriedJob {
    var legs: [JobExecution]
    var failedLegs: [JobExecution]
}

extension CarriedJob {
    /// Rows of this attempt for a job of the attempt before. Legs of a run that waits for its group become ready with
    /// the run.
    func executions(in scheduler: RunScheduler, hold: JobHold?, at time: Timestamp) -> [JobExecution] {
        legs.map { leg in
            var copy = leg
            copy.attemptID = scheduler.attemptID
            copy.sourceID = leg.sourceID ?? leg.id
            copy.isExpanded = true
            copy.hold = nil
            copy.cancelRequestedAt = nil
            return copy
        }
            + failedLegs.map { leg in
                var again = JobExecution(
                    id: leg.id, repositoryID: leg.repositoryID, runID: leg.runID, attemptID: scheduler.attemptID,
                    jobID: leg.jobID, versionID: leg.versionID, jobKey: leg.jobKey, kind: leg.kind, name: leg.name,
                    createdAt: time)
                again.callPath = leg.callPath
                again.matrix = leg.matrix
                again.matrixIndex = leg.matrixIndex
                again.matrixTotal = leg.matrixTotal
                again.isExpanded = true
                again.failFast = leg.failFast
                again.maxParallel = leg.maxParallel
                again.continueOnError = leg.continueOnError
                again.inputs = leg.inputs
                again.labelSetID = leg.labelSetID
                again.environment = leg.environment
                again.priority = scheduler.run.priority
                again.concurrencyKey = leg.concurrencyKey
                again.concurrencyCancels = leg.concurrencyCancels
                again.concurrencyDepth = leg.concurrencyDepth
                again.hold = hold
                return again
            }
    }
}
