internal import Model
internal import Storage

/// When open jobs of a run may start and end, from how long they took before.
struct WaitEstimate {
    struct Times: Equatable {
        var start: Timestamp?
        var end: Timestamp?
    }

    /// What is known of one job.
    struct Work {
        var reason: WaitReason
        /// Microseconds that it takes; nil without a history.
        var duration: Int64?
        var startedAt: Timestamp?
        /// Jobs that the runners can execute at once, and of these how many more now.
        var capacity: Int64 = 0
        var free: Int64 = 0
        var ahead = 0
        /// Jobs that it waits for.
        var needs: [ExecutionID] = []
    }

    private let now: Timestamp
    private let works: [ExecutionID: Work]

    init(now: Timestamp, _ works: [ExecutionID: Work]) {
        self.now = now
        self.works = works
    }

    /// Of every job. A need is estimated before its dependents; there are no cycles.
    func all() -> [ExecutionID: Times] {
        var known: [ExecutionID: Times] = [:]
        // Ids rise along needs, except where legs were made later: those are looked at again.
        var stack = works.keys.sorted(by: >)
        var opened: Set<ExecutionID> = []
        while let id = stack.last {
            guard known[id] == nil, let work = works[id] else {
                stack.removeLast()
                continue
            }
            let missing = work.needs.filter { known[$0] == nil && works[$0] != nil }
            if missing.isEmpty || !opened.insert(id).inserted {
                known[id] = times(of: work, known)
                stack.removeLast()
            } else {
                stack += missing
            }
        }
        return known
    }

    private func times(of work: Work, _ known: [ExecutionID: Times]) -> Times {
        let start: Timestamp?
        switch work.reason {
        case .running: start = work.startedAt
        case .needs:
            let ends = work.needs.map { known[$0]?.end }
            start = ends.contains(nil) ? nil : ends.compactMap(\.self).max()
        case .delayed(let until): start = until
        case .next, .ahead, .occupied, .bound: start = queued(work)
        case .ended, .lost, .stopping, .approval, .runConcurrency, .concurrency, .maxParallel, .gate, .paused,
            .noRunner, .noAccess,
            .noGroup, .noMatch,
            .offline:
            start = nil
        }
        guard let start, let duration = work.duration else { return Times(start: start, end: nil) }
        return Times(start: start, end: max(now, start.advanced(by: .microseconds(duration))))
    }

    private func queued(_ work: Work) -> Timestamp? {
        guard work.capacity > 0 else { return nil }
        let behind = Int64(work.ahead) - work.free
        if behind < 0 { return now }
        guard let duration = work.duration else { return nil }
        // As if all slots shared what is before it evenly.
        let (total, overflow) = (behind + 1).multipliedReportingOverflow(by: duration)
        return overflow ? nil : now.advanced(by: .microseconds(total / work.capacity))
    }
}

extension [Int64] {
    /// The middle one, of two the mean; nil of none.
    var median: Int64? {
        if isEmpty { return nil }
        let sorted = sorted()
        let upper = sorted[count / 2]
        return count.isMultiple(of: 2) ? (sorted[count / 2 - 1] + upper) / 2 : upper
    }
}
