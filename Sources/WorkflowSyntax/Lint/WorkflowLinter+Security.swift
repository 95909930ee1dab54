/// What gives strangers the rights of the repository, or its secrets to more than needs them (GitHub, "Secure use
/// reference").
extension WorkflowLinter {
    mutating func checkPermissions() {
        permissions(workflow.permissions, root["permissions"])
        var isBounded = workflow.permissions != nil
        for job in workflow.jobs {
            permissions(job.permissions, job.source["permissions"])
            if case .steps = job.body, job.permissions == nil, !isBounded {
                report(
                    .defaultPermissions,
                    "The job has the token's default permissions: name those that it needs under 'permissions'", .note,
                    at: job.position)
                // Said once, of the first.
                isBounded = true
            }
        }
    }

    private mutating func permissions(_ permissions: Permissions?, _ token: TemplateToken?) {
        guard let permissions, let token else { return }
        switch permissions {
        case .writeAll:
            report(
                .broadPermissions, "The token may write everything: name the scopes that are needed instead", .warning,
                at: token.position)
        case .scopes(let scopes):
            let written = ["contents", "actions", "packages", "id-token"].filter { scopes[$0] == "write" }
            guard let event = privilegedEvents.first, written.count > 1 else { return }
            report(
                .broadPermissions,
                "Strangers can start '\(event)', and the token may write \(written.joined(separator: ", ")): give each"
                    + " job only what it needs", .note, at: token.position)
        case .readAll: break
        }
    }

    /// An action or a workflow of another repository that its owner can change later.
    mutating func checkPin(_ uses: String, at position: SourcePosition) {
        if uses.hasPrefix("./") || uses.hasPrefix("$/") || uses == "." { return }
        if uses.hasPrefix("docker://") {
            if !uses.contains("@sha256:") {
                report(.unpinnedAction, "'\(uses)' can change: name the image by its digest", .note, at: position)
            }
            return
        }
        if Self.namesCommit(uses) { return }
        guard let mark = uses.utf8.lastIndex(of: UInt8(ascii: "@")) else { return }
        let ref = uses[uses.utf8.index(after: mark)...]
        if Self.branches.contains(String(ref)) || ref.hasPrefix("refs/heads/") {
            report(
                .unpinnedAction, "'\(uses)' is whatever its branch holds: name a release or a commit", .warning,
                at: position)
        } else if Self.isShortCommit(ref) {
            report(
                .unpinnedAction, "'\(uses)' names a part of a commit, which GitHub refuses: name all 40 digits",
                .warning, at: position)
        } else {
            report(.unpinnedAction, "'\(uses)' can be changed by its owner: name the commit", .note, at: position)
        }
    }

    /// Whether 40 or 64 hexadecimal digits stand behind the last `@`.
    private static func namesCommit(_ uses: String) -> Bool {
        let bytes = uses.utf8.span
        var at = bytes.count
        while at > 0, NumberText.isHexadecimal(bytes[at - 1]) { at -= 1 }
        return at > 0 && bytes[at - 1] == UInt8(ascii: "@") && (bytes.count - at == 40 || bytes.count - at == 64)
    }

    /// Seven hexadecimal digits or more, of both kinds: a tag may be a word, or a date.
    private static func isShortCommit(_ ref: Substring) -> Bool {
        (7...39).contains(ref.utf8.count) && ref.utf8.allSatisfy(NumberText.isHexadecimal)
            && ref.contains(where: \.isNumber) && ref.contains(where: \.isLetter)
    }

    private static let branches: Set<String> = [
        "main", "master", "latest", "develop", "dev", "trunk", "nightly", "HEAD",
    ]

    // MARK: - Code of strangers

    mutating func checkCheckout(_ uses: String, _ with: TemplateToken?, _ place: ScriptPlace) {
        guard let event = place.privilegedEvent, OrdinalText.hasPrefix(uses, "actions/checkout@") else { return }
        for key in ["ref", "repository"] {
            guard let token = Self.input(key, with), namesHead(token, place) else { continue }
            report(
                .dangerousCheckout,
                "'\(event)' runs with the repository's rights and secrets, and this checks out code that anyone can"
                    + " propose: use 'pull_request', or run none of it", at: token.position)
            return
        }
    }

    /// `gh pr checkout` and the like.
    mutating func checkCheckout(script: TemplateToken, _ place: ScriptPlace) {
        guard let event = place.privilegedEvent, let text = Self.text(of: script) else { return }
        for line in text.split(whereSeparator: \.isNewline) {
            guard let command = Self.checkout(in: line) else { continue }
            let name = String(line[command])
            let before = text[..<command.lowerBound].ranges(of: name).count
            report(
                .dangerousCheckout,
                "'\(event)' runs with the repository's rights and secrets, and '\(name)' takes code that anyone can"
                    + " propose", .warning, at: self.place(of: name, after: before, from: script.position))
        }
    }

    /// The command of a line that takes the code of a pull request.
    private static func checkout(in line: Substring) -> Range<Substring.Index>? {
        // As the first line of a text with expressions begins.
        let line = line.hasPrefix("format('") ? line.dropFirst("format('".count) : line
        if line.first(where: { !$0.isWhitespace }) == "#" { return nil }
        if let range = line.firstRange(of: "gh pr checkout") { return range }
        for name in ["git fetch", "git pull"] {
            guard let range = line.firstRange(of: name) else { continue }
            let rest = line[range.upperBound...]
            if let pull = rest.firstRange(of: "pull/"), !rest[..<pull.lowerBound].contains(where: endsCommand) {
                return range
            }
        }
        return nil
    }

    private static func endsCommand(_ character: Character) -> Bool { ";&|#".contains(character) }

    private func namesHead(_ token: TemplateToken, _ place: ScriptPlace) -> Bool {
        guard case .expression(let expression) = token.kind else { return false }
        // refs/pull/${{ … }}/merge
        if expression.source.contains("pull/") { return true }
        return expression.embedded.contains { part in
            part.root.firstSource { path in
                if let variable = place.variable(path) {
                    // Of a variable of a variable nothing is known.
                    return namesHead(variable.value, ScriptPlace())
                }
                return path == "github.head_ref" || path.hasPrefix("github.event.pull_request.head.")
                    || path.hasPrefix("github.event.workflow_run.head_") || path == "github.event.after"
                    || path.hasPrefix("github.event.workflow_run.pull_requests.*.head.")
                    || path == "github.event.pull_request.merge_commit_sha"
            } != nil
        }
    }

    // MARK: - Secrets

    /// A secret that becomes part of a script's text stands in the file that is run, and a quote in it breaks the script.
    mutating func checkSecrets(script: TemplateToken, _ place: ScriptPlace) {
        guard case .expression(let expression) = script.kind else { return }
        let parts = expression.embedded
        for (index, part) in parts.enumerated() {
            guard let found = Self.secret(in: part.root) else { continue }
            report(
                .secretInScript, "'\(found.text)' becomes part of the script's text", .warning,
                at: self.place(of: parts, index, from: script.position),
                hint: place.safeForm(found.name, found.isOne ? found.text : part.source))
        }
    }

    private struct Secret {
        /// As a message names it.
        var text: String
        /// For a variable that holds it.
        var name: String
        /// Whether the text is an expression for it.
        var isOne = true
    }

    /// The first that reaches the value.
    private static func secret(in node: ExpressionNode) -> Secret? {
        if node.path == "github.token" { return Secret(text: "github.token", name: "GITHUB_TOKEN") }
        switch node {
        case .property(.context("secrets"), let name):
            return Secret(text: "secrets.\(name.uppercased())", name: name.uppercased())
        case .index(.context("secrets"), _): return Secret(text: "secrets[…]", name: "SECRET", isOne: false)
        case .filter(.context("secrets")):
            return Secret(text: "secrets", name: "SECRETS", isOne: false)
        case .call(.toJSON, let arguments) where arguments.first?.path == "secrets":
            return Secret(text: "secrets", name: "SECRETS", isOne: false)
        default: return node.sources.lazy.compactMap(secret(in:)).first
        }
    }
}
