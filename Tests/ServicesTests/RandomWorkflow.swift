import Model
import TestSupport

/// A random job graph, and what its jobs must do by the documents.
struct RandomWorkflow {
    struct Job {
        var needs: [Int] = []
        var condition: String?
        var legs = 1
        var maxParallel: Int?
        var failFast = true
        var allowsFailure = false
        var group: String?
        var isCall = false
        var hasBrokenCondition: Bool { condition?.contains("fromJSON") ?? false }
    }

    var jobs: [Job] = []
    var group: String?

    static let callee = """
        on: workflow_call
        jobs:
          i: {runs-on: x, steps: [{run: a}]}
          j: {needs: i, if: always(), runs-on: x, concurrency: g2, steps: [{run: a}]}
        """

    init(using generator: inout SeededGenerator) {
        let conditions = ["always()", "failure()", "success() || failure()", "!cancelled()", "false", "fromJSON('{')"]
        let groups = ["g1", "G1", "g2", "{group: g3, cancel-in-progress: true}", "{group: g1, queue: max}"]
        if generator.once(in: 3) { group = groups.randomElement(using: &generator) }
        for index in 0..<Int.random(in: 1...7, using: &generator) {
            var job = Job()
            job.needs = (0..<index).filter { _ in generator.once(in: 3) }
            if generator.once(in: 3) { job.condition = conditions.randomElement(using: &generator) }
            if generator.once(in: 3) { job.legs = Int.random(in: 1...5, using: &generator) }
            if job.legs > 1, generator.once(in: 2) { job.maxParallel = Int.random(in: 1...3, using: &generator) }
            if generator.once(in: 3) { job.failFast = false }
            if generator.once(in: 4) { job.group = groups.randomElement(using: &generator) }
            if generator.once(in: 6) { job.isCall = true } else { job.allowsFailure = generator.once(in: 5) }
            jobs.append(job)
        }
    }

    var text: String {
        var text = "on: push\n"
        if let group { text += "concurrency: \(group)\n" }
        text += "jobs:\n"
        for (index, job) in jobs.enumerated() {
            text += "  j\(index):\n"
            text += job.isCall ? "    uses: ./.github/workflows/c.yml\n" : "    runs-on: x\n    steps: [{run: a}]\n"
            if !job.needs.isEmpty { text += "    needs: [\(job.needs.map { "j\($0)" }.joined(separator: ", "))]\n" }
            if let condition = job.condition { text += "    if: ${{ \(condition) }}\n" }
            if job.allowsFailure { text += "    continue-on-error: true\n" }
            if let group = job.group { text += "    concurrency: \(group)\n" }
            guard job.legs > 1 || !job.failFast else { continue }
            text += "    strategy:\n      fail-fast: \(job.failFast)\n"
            text += "      matrix: {leg: [\((0..<job.legs).map(String.init).joined(separator: ", "))]}\n"
            if let limit = job.maxParallel { text += "      max-parallel: \(limit)\n" }
        }
        return text
    }

    /// Whether the job goes on to run, given how all jobs ended: nil when its condition cannot be evaluated.
    func runs(_ index: Int, results: [JobConclusion]) -> Bool? {
        var before: Set<Int> = []
        var open = jobs[index].needs
        while let next = open.popLast() {
            if before.insert(next).inserted { open += jobs[next].needs }
        }
        let all = before.map { results[$0] }
        let succeeded = all.allSatisfy { $0 == .success }
        let failed = all.contains(.failure)
        switch jobs[index].condition {
        case nil: return succeeded
        case "always()", "!cancelled()": return true
        case "failure()": return failed
        case "success() || failure()": return succeeded || failed
        case "false": return false
        default: return succeeded ? nil : false
        }
    }
}
