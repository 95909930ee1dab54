internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// What a job sees of the jobs before it: the `needs` context and what `success()` and `failure()` ask.
struct NeedsView {
    /// The `needs` context.
    var value: ExpressionValue
    /// As the jobs spell their ids.
    private var names: [String] = []
    /// By lower-case job id.
    private var results: [String: JobConclusion] = [:]
    /// Of all jobs before it, not only those it names: a failure two jobs back still counts.
    private var ancestors: Set<JobConclusion> = []

    /// That of a job that needs no other.
    init() {
        value = .object(ExpressionObject([]))
    }

    init(of execution: JobExecution, needs: [Job.Need], on db: isolated any StorageConnection) throws {
        value = .object(ExpressionObject([]))
        guard !needs.isEmpty else { return }
        let rows = try db.run(
            RunScheduler.executions()
                .join("actions_execution_needs AS n", on: "n.needs_execution_id = e.id")
                .where("n.execution_id = \(execution.id)").orderBy("e.completed_at, e.id"))
        let direct = try rows.map { row in try JobExecution(row) }
        var pairs: [(String, ExpressionValue)] = []
        for need in needs {
            let legs = direct.filter { $0.jobKey.lowercased() == need.id.lowercased() }
            let result = JobConclusion.combined(legs.compactMap(\.result))
            names.append(need.id)
            results[need.id.lowercased()] = result
            let context = ExpressionObject([
                ("result", .string(result.rawValue)), ("outputs", .object(try Self.mergedOutputs(of: legs))),
            ])
            pairs.append((need.id, .object(context)))
        }
        value = .object(ExpressionObject(pairs))
        ancestors = try Self.ancestorResults(of: direct, on: db)
    }

    /// Outputs of all legs; the last non-empty value that was written wins.
    static func mergedOutputs(of legs: [JobExecution]) throws -> ExpressionObject {
        var pairs: [(String, ExpressionValue)] = []
        for leg in legs {
            guard case .object(let outputs) = try ExpressionValue(json: leg.outputs) else { continue }
            for pair in outputs.pairs {
                let isKnown = pairs.contains { $0.0 == pair.key }
                if !isKnown || pair.value.text != "" { pairs.append((pair.key, pair.value)) }
            }
        }
        return ExpressionObject(pairs)
    }

    private static func ancestorResults(
        of direct: [JobExecution], on db: isolated any StorageConnection
    ) throws -> Set<JobConclusion> {
        var found = Set(direct.compactMap(\.result))
        var seen = Set(direct.map(\.id))
        var level = Array(seen)
        while !level.isEmpty {
            let rows = try db.run(
                RunScheduler.executions()
                    .join("actions_execution_needs AS n", on: "n.needs_execution_id = e.id")
                    .where("n.execution_id IN \(level.map(\.rawValue))"))
            level = []
            for row in rows {
                let ancestor = try JobExecution(row)
                guard seen.insert(ancestor.id).inserted else { continue }
                level.append(ancestor.id)
                if let result = ancestor.result { found.insert(result) }
            }
        }
        return found
    }

    /// The needs that kept a job from running: `needs test (failure), lint (skipped)`; nil when only ancestors did.
    var obstacles: String? {
        let obstacles = names.compactMap { name in
            results[name.lowercased()].flatMap { $0 == .success ? nil : "\(name) (\($0.rawValue))" }
        }
        return obstacles.isEmpty ? nil : "needs " + obstacles.joined(separator: ", ")
    }

    var allSucceeded: Bool { ancestors.isSubset(of: [.success]) }
    var anyFailed: Bool { ancestors.contains(.failure) }

    /// `success`, `failure`, `always`, `cancelled` as they read in a job's `if`.
    func statusFunctions(isCancelled: Bool) -> [String: ExpressionContext.Function] {
        let results = self.results
        let allSucceeded = self.allSucceeded
        let anyFailed = self.anyFailed
        @Sendable func named(_ arguments: [ExpressionValue]) -> [JobConclusion] {
            arguments.compactMap { results[$0.text.lowercased()] }
        }
        return [
            "always": { (_) throws(ExpressionError) in .boolean(true) },
            "cancelled": { (_) throws(ExpressionError) in .boolean(isCancelled) },
            "success": { (arguments) throws(ExpressionError) in
                if isCancelled { return .boolean(false) }
                if arguments.isEmpty { return .boolean(allSucceeded) }
                let chosen = named(arguments)
                return .boolean(chosen.count == arguments.count && chosen.allSatisfy { $0 == .success })
            },
            "failure": { (arguments) throws(ExpressionError) in
                if isCancelled { return .boolean(false) }
                return .boolean(arguments.isEmpty ? anyFailed : named(arguments).contains(.failure))
            },
        ]
    }
}
