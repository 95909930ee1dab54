/// A random workflow: a graph of jobs with matrices, conditions, groups, environments, calls and label sets.
struct SimulatedWorkflow: Sendable {
    private struct Job {
        var needs: [Int] = []
        var condition: String?
        var labels: String
        var legs = 1
        var maxParallel: Int?
        var failFast = true
        var allowsFailure = false
        var group: String?
        var environment: String?
        var isCall = false
    }

    /// The path of the workflow that others call.
    static let calleePath = ".github/workflows/callee.yml"

    static let callee = """
        on: workflow_call
        jobs:
          i: {runs-on: a, steps: [{run: x}]}
          j: {needs: i, if: always(), runs-on: b, concurrency: g2, steps: [{run: x}]}
        """

    private static let conditions = ["always()", "failure()", "cancelled()", "!cancelled()", "false", "fromJSON('{')"]
    private static let groups = [
        "g1", "G1", "g2", "{group: g3, cancel-in-progress: true}", "{group: g1, queue: max}",
        "{group: g2, cancel-in-progress: true}",
    ]
    private static let environments = ["reviewed", "Timed", "BOTH", "free"]
    private static let labels = ["a", "b", "[a, b]", "[self-hosted, b]"]

    private var jobs: [Job] = []
    private var group: String?
    private let number: Int

    /// - Parameter number: makes its text another one than that of other workflows.
    init(_ number: Int, using generator: inout SimulationGenerator) {
        self.number = number
        if generator.once(in: 3) { group = generator.pick(Self.groups) }
        for index in 0..<(1 + generator.below(6)) {
            var job = Job(labels: generator.pick(Self.labels) ?? "a")
            job.needs = (0..<index).filter { _ in generator.once(in: 3) }
            if generator.once(in: 4) { job.condition = generator.pick(Self.conditions) }
            if generator.once(in: 3) { job.legs = 1 + generator.below(5) }
            if job.legs > 1, generator.once(in: 2) { job.maxParallel = 1 + generator.below(3) }
            if generator.once(in: 3) { job.failFast = false }
            if generator.once(in: 4) { job.group = generator.pick(Self.groups) }
            if generator.once(in: 8) { job.isCall = true } else { job.allowsFailure = generator.once(in: 5) }
            if !job.isCall, generator.once(in: 5) { job.environment = generator.pick(Self.environments) }
            jobs.append(job)
        }
    }

    /// Whether it calls ``callee``.
    var calls: Bool { jobs.contains { $0.isCall } }

    /// Of its jobs, in the order of the file.
    var keys: [String] { jobs.indices.map { "j\($0)" } }

    var text: String {
        var text = "name: w\(number)\non: [push, pull_request]\n"
        if let group { text += "concurrency: \(group)\n" }
        text += "jobs:\n"
        for (index, job) in jobs.enumerated() {
            text += "  j\(index):\n"
            text +=
                job.isCall
                ? "    uses: ./\(Self.calleePath)\n" : "    runs-on: \(job.labels)\n    steps: [{run: x}]\n"
            if !job.needs.isEmpty { text += "    needs: [\(job.needs.map { "j\($0)" }.joined(separator: ", "))]\n" }
            if let condition = job.condition { text += "    if: ${{ \(condition) }}\n" }
            if let environment = job.environment { text += "    environment: \(environment)\n" }
            if job.allowsFailure { text += "    continue-on-error: true\n" }
            if let group = job.group { text += "    concurrency: \(group)\n" }
            guard job.legs > 1 || !job.failFast else { continue }
            text += "    strategy:\n      fail-fast: \(job.failFast)\n"
            text += "      matrix: {leg: [\((0..<job.legs).map(String.init).joined(separator: ", "))]}\n"
            if let limit = job.maxParallel { text += "      max-parallel: \(limit)\n" }
        }
        return text
    }

    /// In one line, for traces.
    var summary: String {
        let parts = jobs.enumerated().map { index, job in
            "j\(index)" + (job.needs.isEmpty ? "" : "<-" + job.needs.map { "j\($0)" }.joined(separator: "+"))
                + (job.legs > 1 ? "x\(job.legs)" : "") + (job.group.map { "@\($0)" } ?? "")
                + (job.environment.map { ">\($0)" } ?? "") + (job.isCall ? "!" : "")
        }
        return (group.map { "@\($0) " } ?? "") + parts.joined(separator: " ")
    }
}
