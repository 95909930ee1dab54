/// `jobs` to the model: ids, needs, bodies.
struct JobConverter {
    private(set) var conversion: Conversion

    init(_ conversion: Conversion) {
        self.conversion = conversion
    }

    mutating func convert(_ jobs: TemplateToken) -> [Job] {
        var ids = IdentifierScope()
        var converted: [Job] = []
        for pair in jobs.pairs {
            let id = pair.key.literalText ?? ""
            if let fault = ids.add(id) { conversion.error("identifier", fault, at: pair.key.position) }
            if let job = job(id, pair.value, at: pair.key.position) { converted.append(job) }
        }
        return resolve(converted, at: jobs.position)
    }

    private mutating func job(_ id: String, _ token: TemplateToken, at position: SourcePosition) -> Job? {
        guard let body = body(token) else { return nil }
        let needs: [TemplateToken] =
            switch token["needs"]?.kind {
            case .sequence(let items): items
            case nil: []
            default: [token["needs"]].compactMap { $0 }
            }
        let condition = token["if"]
        return Job(
            id: id, position: position, name: token["name"].flatMap { $0.literalText == "" ? nil : $0 },
            needs: needs.map { Job.Need(id: $0.literalText ?? "", position: $0.position) },
            condition: Conversion.condition(condition), conditionPosition: condition?.position,
            strategy: strategy(token["strategy"]), permissions: Conversion.permissions(token["permissions"]),
            concurrency: conversion.concurrency(token["concurrency"]), body: body, source: token)
    }

    private mutating func strategy(_ token: TemplateToken?) -> Strategy? {
        guard let token else { return nil }
        if case .expression = token.kind {
            conversion.error("unsupported", "An expression for the whole strategy is not supported", at: token.position)
        }
        let matrix = token["matrix"]
        for pair in matrix?.pairs ?? [] {
            let name = pair.key.literalText ?? ""
            guard name != "include", name != "exclude", case .sequence(let items) = pair.value.kind else { continue }
            if items.isEmpty {
                conversion.error(
                    "matrix-empty", "Matrix vector '\(name)' does not contain any values", at: pair.value.position)
            }
        }
        return Strategy(
            matrix: matrix, failFast: token["fail-fast"], maxParallel: token["max-parallel"],
            position: token.position)
    }

    private mutating func body(_ token: TemplateToken) -> Job.Body? {
        if let uses = token["uses"] { return call(token, uses) }
        guard let runsOn = token["runs-on"] else { return nil }
        container(token["container"])
        for service in token["services"]?.pairs ?? [] { container(service.value) }
        if let snapshot = token["snapshot"] {
            conversion.warning("unsupported", "'snapshot' has no effect here", at: snapshot.position)
        }
        if let run = token["defaults"]?["run"], case .expression = run.kind {
            conversion.error("unsupported", "An expression for the whole of 'run' is not supported", at: run.position)
        }
        var steps = StepConverter(conversion)
        let converted = steps.convert(token["steps"])
        conversion = steps.conversion
        return .steps(
            StepsJob(
                runsOn: runsOn, env: token["env"], defaults: Conversion.defaults(token["defaults"]),
                outputs: token["outputs"], continueOnError: token["continue-on-error"],
                timeoutMinutes: token["timeout-minutes"], cancelTimeoutMinutes: token["cancel-timeout-minutes"],
                environment: token["environment"], container: token["container"], services: token["services"],
                steps: converted))
    }

    /// A mapping must name an image.
    private mutating func container(_ token: TemplateToken?) {
        guard let token, case .mapping(let pairs) = token.kind, token["image"] == nil else { return }
        if pairs.contains(where: { if case .insert = $0.key.kind { true } else { false } }) { return }
        conversion.error("container-image", "Container image cannot be empty", at: token.position)
    }

    private mutating func call(_ token: TemplateToken, _ uses: TemplateToken) -> Job.Body {
        let reference = uses.literalText ?? ""
        if let fault = WorkflowReference.fault(of: reference) {
            conversion.error("workflow-reference", fault, at: uses.position)
        }
        let secrets = token["secrets"]
        var inherits = false
        if case .string("inherit")? = secrets?.kind { inherits = true }
        return .call(
            WorkflowCall(
                uses: reference, usesPosition: uses.position, with: token["with"], inheritsSecrets: inherits,
                secrets: inherits ? nil : secrets))
    }

    // MARK: - Needs

    /// Names every need as its job is spelt, and reports what cannot be run.
    private mutating func resolve(_ converted: consuming [Job], at position: SourcePosition) -> [Job] {
        var jobs = converted
        guard jobs.contains(where: \.needs.isEmpty) || !conversion.requiringNeeds else {
            conversion.error(
                "needs-cycle", "The workflow must contain at least one job with no dependencies.", at: position)
            return jobs
        }
        let places = JobPlaces(jobs)
        // Most files name only jobs that stand before: then there is no cycle to look for.
        var mayCycle = false
        for at in jobs.indices {
            for index in jobs[at].needs.indices {
                let need = jobs[at].needs[index]
                if let place = places.place(of: need.id, in: jobs) {
                    jobs[at].needs[index].id = jobs[place].id
                    mayCycle = mayCycle || place >= at
                } else if conversion.requiringNeeds {
                    var diagnostic = Diagnostic(
                        code: "unknown-need", message: "Job '\(jobs[at].id)' depends on unknown job '\(need.id)'.",
                        file: conversion.file, at: need.position)
                    diagnostic.hint = Nearest.hint(for: need.id, among: jobs.map(\.id))
                    conversion.diagnostics.append(diagnostic)
                }
            }
        }
        for (job, need) in mayCycle ? JobGraph(jobs).cyclicNeeds : [] {
            conversion.error(
                "needs-cycle",
                "Job '\(job.id)' depends on job '\(need.id)' which creates a cycle in the dependency graph.",
                at: need.position)
        }
        return jobs
    }
}

/// Finds jobs by id, without regard to case; of some with the same id, the last.
private struct JobPlaces {
    /// By lower-case id. Nil for a few, which are looked at one by one.
    private var places: [String: Int]?

    init(_ jobs: [Job]) {
        guard jobs.count > 12 else { return }
        places = Dictionary(jobs.enumerated().map { ($1.id.lowercased(), $0) }, uniquingKeysWith: { _, last in last })
    }

    func place(of id: String, in jobs: [Job]) -> Int? {
        if let places { return places[id.lowercased()] }
        return jobs.lastIndex { OrdinalText.same($0.id, id) }
    }
}
