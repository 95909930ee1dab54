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
        guard case .writeAll? = permissions, let token else { return }
        report(
            .broadPermissions, "The token may write everything: name the scopes that are needed instead", .warning,
            at: token.position)
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

    /// Events that run with the repository's secrets for a pull request that anyone can open.
    private static let privilegedEvents: Set<String> = ["pull_request_target", "workflow_run", "issue_comment"]

    static func privilegedEvent(of workflow: Workflow) -> String? {
        workflow.triggers.first { privilegedEvents.contains($0.event) }?.event
    }

    mutating func checkCheckout(_ uses: String, _ with: TemplateToken?) {
        guard let event = privilegedEvent, OrdinalText.hasPrefix(uses, "actions/checkout@") else { return }
        for key in ["ref", "repository"] {
            guard let token = with?[key], namesHead(token) else { continue }
            report(
                .dangerousCheckout,
                "'\(event)' runs with the repository's rights and secrets, and this checks out code that anyone can"
                    + " propose: use 'pull_request', or run none of it", at: token.position)
            return
        }
    }

    /// `gh pr checkout` and the like.
    mutating func checkCheckout(script: TemplateToken) {
        guard let event = privilegedEvent, let text = Self.text(of: script) else { return }
        for command in ["gh pr checkout", "git fetch origin pull/", "git pull origin pull/"]
        where text.contains(command) {
            report(
                .dangerousCheckout,
                "'\(event)' runs with the repository's rights and secrets, and '\(command)' takes code that anyone can"
                    + " propose", .warning, at: place(of: command, from: script.position))
        }
    }

    private func namesHead(_ token: TemplateToken) -> Bool {
        guard case .expression(let expression) = token.kind else { return false }
        // refs/pull/${{ … }}/merge
        if expression.source.contains("refs/pull/") { return true }
        let parts = expression.parts.isEmpty ? [expression] : expression.parts
        return parts.contains { part in
            part.root.firstPath { path in
                path == "github.head_ref" || path.hasPrefix("github.event.pull_request.head.")
                    || path.hasPrefix("github.event.workflow_run.head_")
                    || path == "github.event.pull_request.merge_commit_sha"
            } != nil
        }
    }

    // MARK: - Secrets

    /// A secret that becomes part of a script's text stands in the file that is run, and a quote in it breaks the script.
    mutating func checkSecrets(script: TemplateToken) {
        guard case .expression(let expression) = script.kind else { return }
        let parts = expression.embedded
        for (index, part) in parts.enumerated() {
            guard let path = part.root.firstPath(where: { $0.hasPrefix("secrets.") }) else { continue }
            let name = path.dropFirst("secrets.".count).uppercased()
            report(
                .secretInScript, "'secrets.\(name)' becomes part of the script's text", .warning,
                at: place(of: parts, index, from: script.position),
                hint: "env: { \(name): ${{ secrets.\(name) }} } and \"$\(name)\" in the script")
        }
    }
}
