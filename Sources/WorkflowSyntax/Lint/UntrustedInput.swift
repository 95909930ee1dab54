/// Texts that anyone can write who opens an issue or a pull request: in a script they are code (GitHub, "Secure use
/// reference", script injections).
enum UntrustedInput {
    private static let paths: Set<String> = [
        "github.head_ref", "github.event.issue.title", "github.event.issue.body",
        "github.event.discussion.title", "github.event.discussion.body", "github.event.comment.body",
        "github.event.review.body", "github.event.review_comment.body", "github.event.pages.*.page_name",
        "github.event.commits.*.message", "github.event.commits.*.author.email",
        "github.event.commits.*.author.name", "github.event.head_commit.message",
        "github.event.head_commit.author.email", "github.event.head_commit.author.name",
        "github.event.pull_request.title", "github.event.pull_request.body",
        "github.event.pull_request.head.ref", "github.event.pull_request.head.label",
        "github.event.pull_request.head.repo.default_branch",
    ]

    /// The path of the first such text that reaches the value.
    static func path(in node: ExpressionNode) -> String? {
        if let own = node.path, paths.contains(own) { return own }
        switch node {
        case .compare, .not: return nil
        case .call(.contains, _), .call(.startsWith, _), .call(.endsWith, _), .contextual: return nil
        default: return node.children.lazy.compactMap(path(in:)).first
        }
    }
}
