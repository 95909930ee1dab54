public import WorkflowSyntax

/// A part of a workflow: chosen jobs, with those that they need, and chosen values of matrix keys.
public struct RunSelection: Sendable {
    /// Job ids; nil for all.
    public var jobs: [String]?
    /// Matrix key to the values, as texts, that its legs may have.
    public var matrix: [String: [String]]

    public init(jobs: [String]? = nil, matrix: [String: [String]] = [:]) {
        self.jobs = jobs
        self.matrix = matrix
    }

    var isWhole: Bool { jobs == nil && matrix.isEmpty }

    /// The chosen jobs and, transitively, those that they need, by lower-case id.
    public func jobs(of workflow: Workflow) -> Set<String> {
        guard var open = jobs?.map({ $0.lowercased() }) else { return Set(workflow.jobs.map { $0.id.lowercased() }) }
        var chosen: Set<String> = []
        while let next = open.popLast() {
            guard chosen.insert(next).inserted, let job = workflow.job(next) else { continue }
            open += job.needs.map { $0.id.lowercased() }
        }
        return chosen
    }

    /// A leg runs when each chosen key that it has holds one of the chosen values.
    public func includes(_ leg: ExpressionObject) -> Bool {
        matrix.allSatisfy { key, values in
            guard let value = leg[key] else { return true }
            return values.contains(value.text)
        }
    }

    var json: String {
        var pairs: [(String, ExpressionValue)] = []
        if let jobs { pairs.append(("jobs", Self.list(jobs))) }
        if !matrix.isEmpty {
            let keys = matrix.sorted { $0.key < $1.key }.map { ($0.key, Self.list($0.value)) }
            pairs.append(("matrix", .object(ExpressionObject(keys, caseSensitive: true))))
        }
        return ExpressionValue.object(ExpressionObject(pairs)).json(pretty: false)
    }

    init(json: String) throws(ExpressionError) {
        self.init()
        guard case .object(let object) = try ExpressionValue(json: json) else { return }
        if case .array(let list)? = object["jobs"] { jobs = list.elements.map(\.text) }
        guard case .object(let keys)? = object["matrix"] else { return }
        for pair in keys.pairs {
            if case .array(let list) = pair.value { matrix[pair.key] = list.elements.map(\.text) }
        }
    }

    private static func list(_ texts: [String]) -> ExpressionValue {
        .array(ExpressionArray(texts.map { .string($0) }))
    }
}
