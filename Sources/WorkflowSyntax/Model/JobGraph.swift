/// The order that `needs` gives to jobs.
public struct JobGraph: Sendable {
    /// Ids by level: a job stands one level below the last of its needs. Source order within a level. Jobs of a cycle,
    /// which a checked workflow never has, are left out.
    public let levels: [[String]]
    /// Needs by which a job waits for itself.
    let cyclicNeeds: [(job: Job, need: Job.Need)]

    /// Needs that name no job are left alone.
    public init(_ jobs: [Job]) {
        var index: [String: Int] = [:]
        for at in jobs.indices.reversed() { index[jobs[at].id.lowercased()] = at }
        let needs = jobs.indices.map { at in Self.unique(jobs[at].needs.compactMap { index[$0.id.lowercased()] }) }
        var dependents = [[Int]](repeating: [], count: jobs.count)
        var waiting = needs.map { $0.count }
        for (at, list) in needs.enumerated() {
            for need in list { dependents[need].append(at) }
        }
        var level = waiting.indices.filter { waiting[$0] == 0 }
        var levels: [[String]] = []
        var done = [Bool](repeating: false, count: jobs.count)
        while !level.isEmpty {
            levels.append(level.sorted().map { jobs[$0].id })
            var next: [Int] = []
            for at in level {
                done[at] = true
                for dependent in dependents[at] {
                    waiting[dependent] -= 1
                    if waiting[dependent] == 0 { next.append(dependent) }
                }
            }
            level = next
        }
        self.levels = levels
        guard done.contains(false) else {
            cyclicNeeds = []
            return
        }
        // What is left depends on a cycle; only needs within one are reported.
        let components = StrongComponents(needs).component
        var cyclic: [(Job, Job.Need)] = []
        for at in jobs.indices where !done[at] {
            for need in jobs[at].needs {
                guard let target = index[need.id.lowercased()] else { continue }
                if components[at] == components[target] { cyclic.append((jobs[at], need)) }
            }
        }
        self.cyclicNeeds = cyclic
    }

    private static func unique(_ needs: [Int]) -> [Int] {
        needs.count < 2 ? needs : Array(Set(needs))
    }
}
