internal import WorkflowSyntax

/// What one leg of a job is, once the expressions that the server evaluates are evaluated.
struct LegPlan {
    var name: String
    /// JSON object; nil without a matrix.
    var matrix: String?
    var failFast = true
    var maxParallel: Int64?
    var continueOnError = false
    var environment: String?
    var concurrency: ConcurrencyRequest?
    /// Nil for a call.
    var labels: [String]?

    /// The legs of a job, in order. Throws ``TemplateError`` or ``ExpressionError``.
    static func make(
        _ job: Job, selection: RunSelection, in context: ExpressionContext
    ) throws -> [LegPlan] {
        var failFast = true
        var maxParallel: Int64?
        var combinations: [ExpressionObject]?
        if let strategy = job.strategy {
            if let token = strategy.failFast { failFast = try token.evaluate(in: context).isTruthy }
            if let token = strategy.maxParallel {
                let value = try token.evaluate(in: context).number
                guard value.isFinite, value >= 1 else {
                    throw TemplateError("max-parallel must be a number of at least 1", at: token.position)
                }
                maxParallel = Int64(min(value, 1_000_000))
            }
            if let matrix = strategy.matrix {
                combinations = try MatrixExpansion.legs(of: try matrix.evaluate(in: context))
                    .filter(selection.includes)
            }
        }
        let legs: [ExpressionObject?] = combinations ?? [nil]
        return try legs.enumerated().map { index, matrix in
            var context = context
            context.values["matrix"] = matrix.map { .object($0) } ?? .null
            context.values["strategy"] = StrategyContext.value(
                failFast: failFast, index: Int64(index), total: Int64(legs.count), maxParallel: maxParallel)
            var leg = LegPlan(name: try name(of: job, matrix: matrix, in: context))
            leg.matrix = matrix.map { ExpressionValue.object($0).json(pretty: false) }
            leg.failFast = failFast
            leg.maxParallel = maxParallel
            leg.concurrency = try job.concurrency.map { try ConcurrencyRequest($0, in: context) }
            guard case .steps(let steps) = job.body else { return leg }
            leg.labels = try labels(steps.runsOn, in: context)
            leg.continueOnError = try steps.continueOnError?.evaluate(in: context).isTruthy ?? false
            leg.environment = try steps.environment.flatMap { try environmentName($0, in: context) }
                .flatMap { $0.isEmpty ? nil : $0 }
            return leg
        }
    }

    /// The name of the file, else the id with the matrix values: `test (linux, 20)`.
    private static func name(of job: Job, matrix: ExpressionObject?, in context: ExpressionContext) throws -> String {
        if let token = job.name {
            let name = try token.evaluate(in: context).text
            if !name.isEmpty { return name }
        }
        let values = matrix.map(MatrixExpansion.displayText) ?? ""
        return values.isEmpty ? job.id : "\(job.id) (\(values))"
    }

    private static func labels(_ token: TemplateToken, in context: ExpressionContext) throws -> [String] {
        func texts(_ value: ExpressionValue) -> [String] {
            switch value {
            case .array(let array): array.elements.flatMap(texts)
            case .object(let object): object["labels"].map(texts) ?? []
            default: [value.text]
            }
        }
        let value = try token.evaluate(in: context)
        var labels = texts(value).filter { !$0.isEmpty }
        if case .object(let object) = value, let group = object["group"]?.text, !group.isEmpty {
            labels.append(GroupLabel.entry(group))
        }
        guard !labels.isEmpty else {
            throw TemplateError("runs-on names no label", at: token.position)
        }
        return labels
    }

    private static func environmentName(_ token: TemplateToken, in context: ExpressionContext) throws -> String? {
        // `url` may use contexts that exist only once the steps ran: only the name is evaluated here.
        if case .mapping(let pairs) = token.kind {
            let name = pairs.first { if case .string("name") = $0.key.kind { true } else { false } }
            return try name?.value.evaluate(in: context).text
        }
        return try token.evaluate(in: context).text
    }
}

/// The `strategy` context.
enum StrategyContext {
    static func value(failFast: Bool, index: Int64, total: Int64, maxParallel: Int64?) -> ExpressionValue {
        .object(
            ExpressionObject([
                ("fail-fast", .boolean(failFast)),
                ("job-index", .number(Double(index))),
                ("job-total", .number(Double(total))),
                ("max-parallel", .number(Double(maxParallel ?? total))),
            ]))
    }
}

/// `concurrency`, evaluated.
struct ConcurrencyRequest {
    var group: String
    var cancelInProgress: Bool
    var queueDepth: Int

    init(_ concurrency: Concurrency, in context: ExpressionContext) throws {
        group = try concurrency.group.evaluate(in: context).text
        cancelInProgress = try concurrency.cancelInProgress?.evaluate(in: context).isTruthy ?? false
        queueDepth = concurrency.queueMax ? 100 : 1
    }

    /// Group names compare without regard to case. Empty: no group.
    var key: String? { group.isEmpty ? nil : group.lowercased() }
}
