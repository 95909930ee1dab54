/// Shared steps of turning checked tokens into the model.
struct Conversion {
    let file: String
    /// Whether every need must name a job of the file.
    var requiringNeeds = true
    var diagnostics: [Diagnostic] = []

    mutating func error(_ code: String, _ message: String, at position: SourcePosition) {
        diagnostics.append(Diagnostic(code: code, message: message, file: file, at: position))
    }

    mutating func warning(_ code: String, _ message: String, at position: SourcePosition) {
        diagnostics.append(Diagnostic(.warning, code: code, message: message, file: file, at: position))
    }

    /// A string or a sequence of strings.
    static func strings(_ token: TemplateToken?) -> [String]? {
        guard let token else { return nil }
        switch token.kind {
        case .sequence(let items): return items.compactMap(\.literalText)
        default: return token.literalText.map { [$0] }
        }
    }

    static func flag(_ token: TemplateToken?) -> Bool {
        if case .boolean(true)? = token?.kind { true } else { false }
    }

    /// The condition in GitHub's form: `success()`, or `success() && (…)` unless a status function is called.
    static func condition(_ token: TemplateToken?) -> Expression {
        guard case .expression(let expression)? = token?.kind else {
            return Expression(source: "success()", root: .contextual("success", []))
        }
        if expression.callsStatusFunction { return expression }
        return Expression(
            source: "success() && (\(expression.source))",
            root: .all([.contextual("success", []), expression.root]), parts: expression.parts)
    }

    /// That of an action's `pre` or `post`, `always()` without one: nothing is added to it.
    static func phaseCondition(_ token: TemplateToken?) -> Expression {
        guard case .expression(let expression)? = token?.kind else {
            return Expression(source: "always()", root: .contextual("always", []))
        }
        return expression
    }

    static func defaults(_ token: TemplateToken?) -> RunDefaults {
        let run = token?["run"]
        return RunDefaults(shell: run?["shell"], workingDirectory: run?["working-directory"])
    }

    static func permissions(_ token: TemplateToken?) -> Permissions? {
        guard let token else { return nil }
        switch token.kind {
        case .string("read-all"): return .readAll
        case .string("write-all"): return .writeAll
        case .mapping(let pairs):
            var scopes: [String: String] = [:]
            for pair in pairs {
                if let name = pair.key.literalText, let level = pair.value.literalText { scopes[name] = level }
            }
            return .scopes(scopes)
        default: return nil
        }
    }

    mutating func concurrency(_ token: TemplateToken?) -> Concurrency? {
        guard let token else { return nil }
        guard case .mapping(let pairs) = token.kind else {
            return Concurrency(group: token, cancelInProgress: nil, queueMax: false, position: token.position)
        }
        guard let group = token["group"] else { return nil }
        let queue = pairs.first { $0.key.literalText == "queue" }
        let queueMax = queue?.value.literalText == "max"
        let cancel = token["cancel-in-progress"]
        if let queue, queueMax, let cancel {
            if case .boolean(false) = cancel.kind {
            } else {
                error(
                    "concurrency-queue", "'queue: max' cannot be combined with 'cancel-in-progress'",
                    at: queue.key.position)
            }
        }
        return Concurrency(
            group: group, cancelInProgress: cancel, queueMax: queueMax, position: token.position)
    }
}
