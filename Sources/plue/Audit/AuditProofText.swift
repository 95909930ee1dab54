internal import Services
internal import WorkflowSyntax

/// What the check of a proof found, for people or as JSON lines: the problem, where there is one, then a summary.
struct AuditProofText {
    private let proof: AuditProof
    private let isKeyTrusted: Bool
    private let tree: TreeCheckpoint?
    /// Why it proves nothing; nil when it is sound.
    let fault: ServiceError?

    /// `trusted` is the key to check it with; nil leaves it to the one that the proof names.
    init(proof: AuditProof, trusted: NoteKey?) {
        self.proof = proof
        isKeyTrusted = trusted != nil
        do throws(ServiceError) {
            tree = try proof.verify(key: trusted)
            fault = nil
        } catch {
            (tree, fault) = (nil, error)
        }
    }

    func show(asJSON json: Bool) {
        if json {
            if let fault { Standard.line(AuditReportText.problem("proof", "\(fault)")) }
            Standard.line(summary)
        } else if let tree {
            Standard.line("✓ the row is leaf \(proof.leafIndex) of \(tree.size) in \(tree.origin)")
            Standard.line(proof.leaf)
            if let body = proof.body { Standard.line(body) }
        }
        if let fault { return Standard.errorLine("plue: \(fault)") }
        for note in notes { Standard.errorLine(note) }
    }

    /// What the check could not rely on.
    private var notes: [String] {
        var notes: [String] = []
        if proof.body == nil { notes.append("body not given: what the row changed is not proven") }
        if !isKeyTrusted {
            notes.append("the key is the proof's own; compare it with `plue audit key`: \(proof.key)")
        }
        return notes
    }

    /// The row only where it is proven: `leaf` and `body` as the texts that were hashed.
    private var summary: String {
        var members: [(String, ExpressionValue)] = [
            ("v", .number(1)), ("type", .string("audit-verify-proof")), ("problems", .number(fault == nil ? 0 : 1)),
            ("leaf_index", .number(Double(proof.leafIndex))),
        ]
        if let tree {
            members += [
                ("leaves", .number(Double(tree.size))), ("origin", .string(tree.origin)), ("leaf", .string(proof.leaf)),
            ]
            if let body = proof.body { members.append(("body", .string(body))) }
        }
        let notes = fault == nil ? notes : []
        members += [
            ("key_proven", .boolean(isKeyTrusted)), ("notes", .array(ExpressionArray(notes.map { .string($0) }))),
        ]
        return ExpressionValue.object(ExpressionObject(members)).json(pretty: false)
    }
}
