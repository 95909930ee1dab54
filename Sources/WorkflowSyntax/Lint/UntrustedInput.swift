/// Texts that anyone can write who opens an issue or a pull request: in a script they are code (GitHub, "Secure use
/// reference", script injections).
struct UntrustedInput {
    /// `*` for each index.
    var path: String
    /// Whether it is an object that holds such texts, written as JSON.
    var isWhole = false

    /// For a variable that holds it.
    var name: String {
        let last = path.split(separator: ".").last { $0 != "*" && $0 != "github" }
        return last.map { $0.uppercased().replacing("-", with: "_") } ?? "TEXT"
    }

    /// `**` is anything below.
    private static let paths: [[Substring]] = [
        "github.head_ref", "github.event.issue.title", "github.event.issue.body",
        "github.event.discussion.title", "github.event.discussion.body", "github.event.comment.body",
        "github.event.review.body", "github.event.review_comment.body", "github.event.pages.*.page_name",
        "github.event.commits.*.message", "github.event.commits.*.author.email",
        "github.event.commits.*.author.name", "github.event.head_commit.message",
        "github.event.head_commit.author.email", "github.event.head_commit.author.name",
        "github.event.pull_request.title", "github.event.pull_request.body",
        "github.event.pull_request.head.ref", "github.event.pull_request.head.label",
        "github.event.pull_request.head.repo.default_branch", "github.event.pull_request.head.repo.description",
        "github.event.pull_request.head.repo.homepage", "github.event.workflow_run.head_branch",
        "github.event.workflow_run.display_title", "github.event.workflow_run.head_commit.message",
        "github.event.workflow_run.head_commit.author.name", "github.event.workflow_run.head_commit.author.email",
        "github.event.workflow_run.pull_requests.*.head.ref",
        "github.event.workflow_run.head_repository.description", "github.event.changes.**",
    ].map { $0.split(separator: ".") }

    /// The first such text that reaches the value.
    static func first(in node: ExpressionNode) -> UntrustedInput? {
        if let own = segments(of: node) {
            if paths.contains(where: { fits(own, $0) }) { return UntrustedInput(path: own.joined(separator: ".")) }
            return nil
        }
        if case .call(.toJSON, let arguments) = node, let argument = arguments.first, let own = segments(of: argument),
            paths.contains(where: { isAbove(own, $0) })
        {
            return UntrustedInput(path: own.joined(separator: "."), isWhole: true)
        }
        return node.sources.lazy.compactMap(first(in:)).first
    }

    /// Of one that is a text of a file: the first of its expressions that holds such a text.
    static func first(in token: TemplateToken) -> UntrustedInput? {
        guard case .expression(let expression) = token.kind else { return nil }
        return expression.embedded.lazy.compactMap { first(in: $0.root) }.first
    }

    /// The names of a path; a computed index may be any.
    private static func segments(of node: ExpressionNode) -> [Substring]? {
        switch node {
        case .context(let name): return name == "github" ? [name[...]] : nil
        case .property(let base, let name): return segments(of: base).map { $0 + [name.lowercased()[...]] }
        case .filter(let base), .index(let base, _): return segments(of: base).map { $0 + ["*"] }
        case .call(.fromJSON, let arguments):
            // There and back.
            guard case .call(.toJSON, let inner)? = arguments.first else { return nil }
            return inner.first.flatMap(segments(of:))
        default: return nil
        }
    }

    private static func fits(_ path: [Substring], _ pattern: [Substring]) -> Bool {
        if pattern.last == "**" { return path.count >= pattern.count && begins(path, pattern.dropLast()) }
        return path.count == pattern.count && begins(path, pattern[...])
    }

    private static func isAbove(_ path: [Substring], _ pattern: [Substring]) -> Bool {
        path.count < pattern.count && begins(path, pattern[...])
    }

    /// As far as both go.
    private static func begins(_ path: [Substring], _ pattern: ArraySlice<Substring>) -> Bool {
        zip(path, pattern).allSatisfy { $0 == $1 || $0 == "*" || $1 == "*" }
    }
}
