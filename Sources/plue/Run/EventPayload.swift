internal import Glibc
internal import WorkflowSyntax

/// `github.event` when the user gives none: what GitHub would send, as far as the repository tells.
struct EventPayload {
    /// The words of a repository that ``EventSamples`` names.
    private let words: [String: String]
    private let isFirstCommit: Bool

    /// `commit` is the one that is checked out; nil where nobody asks for more than its id.
    init(git: Git, ref: EventRef, actor: String, commit: GitCommit?) {
        isFirstCommit = commit != nil && commit?.parent == nil
        let (owner, name) = git.repositoryName
        words = [
            "owner": owner, "name": name, "url": "https://github.com/\(owner)/\(name)", "actor": actor,
            "sha": git.commit ?? Git.noCommit, "before": commit?.parent ?? Git.noCommit, "tree": commit?.tree ?? "",
            "message": commit?.message ?? "", "timestamp": commit?.timestamp ?? "",
            "author_name": commit?.author.name ?? actor, "author_email": commit?.author.email ?? "",
            "committer_name": commit?.committer.name ?? actor, "committer_email": commit?.committer.email ?? "",
            "branch": ref.branch,
            "default_branch": ref.defaultBranch, "ref": ref.name, "ref_name": ref.shortName, "ref_type": ref.type,
        ]
    }

    func make(_ event: String) -> ExpressionValue {
        let body = EventSamples.bodies[event].flatMap { try? ExpressionValue(json: $0) }
        var pairs: [(String, ExpressionValue)] = []
        if case .object(let object)? = body { pairs = object.pairs.map { ($0.key, filled($0.value)) } }
        if event == "push", isFirstCommit { pairs.append(("created", .boolean(true))) }
        pairs += [("repository", filled(.string("$repository"))), ("sender", filled(.string("$user")))]
        return .object(ExpressionObject(pairs))
    }

    private func filled(_ value: ExpressionValue) -> ExpressionValue {
        switch value {
        case .object(let object):
            return .object(ExpressionObject(object.pairs.map { ($0.key, filled($0.value)) }))
        case .array(let array): return .array(ExpressionArray(array.elements.map(filled)))
        case .string(let text):
            if text.hasPrefix("$"), let part = EventSamples.parts[String(text.dropFirst())],
                let value = try? ExpressionValue(json: part)
            {
                return filled(value)
            }
            return .string(written(text))
        default: return value
        }
    }

    /// Once from left to right: what a word holds is not looked at again.
    private func written(_ text: String) -> String {
        var written = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            written += rest[..<open]
            written += words[String(rest[rest.index(after: open)..<close])] ?? String(rest[open...close])
            rest = rest[rest.index(after: close)...]
        }
        return written + rest
    }

    // MARK: - What is read of it

    /// What a file may reach the whole body of the event by, beside `github.event.…`: it is written to a file for
    /// steps, and actions read that.
    private static let mentions = ["event_path", "(github)", "github[", "github.*", "github [", "( github"]

    /// Whether a workflow may look at the commit of a made body. To ask git for it costs a run a process.
    static func readsCommit(_ event: String, _ workflow: String) -> Bool {
        guard EventSamples.bodies[event]?.contains("$commit") == true else { return false }
        return workflow.lowercased().withCString { text in
            mentions.contains { strstr(text, $0) != nil }
                || has("github.event", in: text) { $0 != UInt8(ascii: "_") }
                // Actions and called workflows; not the checkout, which is plue's own.
                || has("uses:", in: text) { _ in true }
        }
    }

    /// The word stands there, and what follows it is not excluded.
    private static func has(
        _ word: String, in text: UnsafePointer<CChar>, _ isMeant: (UInt8) -> Bool
    ) -> Bool {
        var place: UnsafePointer<CChar>? = text
        while let at = place, let found = strstr(at, word) {
            let rest = found + word.utf8.count
            let isCheckout =
                strspn(rest, " '\"") < 4 && strncmp(rest + strspn(rest, " '\""), "actions/checkout@", 17) == 0
            if isMeant(UInt8(bitPattern: rest.pointee)), !isCheckout { return true }
            place = UnsafePointer(rest)
        }
        return false
    }

    // MARK: - For one workflow

    /// A body that `isGiven` by the user, or made, as one workflow gets it: the schedule that is due is its first one,
    /// unless the body names one. A made body has an activity that the workflow asks for, and comes of the workflow that
    /// it waits for.
    static func adapted(
        _ body: ExpressionValue, of event: String, to workflow: Workflow, isGiven: Bool
    ) -> ExpressionValue {
        guard let trigger = workflow.triggers.first(where: { $0.event == event }) else { return body }
        var body = body
        if event == "schedule" || event == "workflow_dispatch", body.text(at: "workflow") == nil {
            body = body.setting(.string(workflow.file), at: ["workflow"])
        }
        if let first = trigger.schedules.first, body.text(at: "schedule") == nil {
            body = body.setting(.string(first.cron), at: ["schedule"])
        }
        if isGiven { return body }
        if let types = trigger.types, let first = types.first, !types.contains(body.text(at: "action") ?? "") {
            body = body.setting(.string(first), at: ["action"])
        }
        if let name = trigger.workflows?.first {
            body = body.setting(.string(name), at: ["workflow", "name"])
                .setting(.string(name), at: ["workflow_run", "name"])
        }
        return body
    }
}

extension ExpressionValue {
    /// With another value at a path of keys; values that are no objects on the way are left as they are.
    func setting(_ value: ExpressionValue, at path: [String]) -> ExpressionValue {
        guard let key = path.first else { return value }
        let rest = Array(path.dropFirst())
        guard case .object(let object) = self, rest.isEmpty || object[key] != nil else { return self }
        let new = (object[key] ?? .null).setting(value, at: rest)
        // Of equal keys the last one holds, in the place of the first.
        return .object(ExpressionObject(object.pairs.map { ($0.key, $0.value) } + [(key, new)]))
    }
}
