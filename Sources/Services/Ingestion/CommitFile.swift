internal import Model
internal import WorkflowSyntax

/// A workflow file of a commit that is stored.
struct CommitFile {
    let path: String
    let text: String
    let version: StoredVersion
    let state: WorkflowRecord.State
    /// Nil when it cannot run.
    let workflow: Workflow?
    let errors: [Diagnostic]
    /// Its content was not stored before.
    let isNew: Bool

    /// Why the event makes no run of it, a phrase for people; nil when it does.
    ///
    /// A file that cannot be read runs for nothing; the push that brings it makes the run that says so.
    func reasonToSkip(_ event: TriggerEvent) -> String? {
        switch state {
        case .active: break
        case .deleted: return "it was deleted"
        case .disabledManually: return "it is disabled"
        case .disabledInactivity: return "it is disabled, as nothing happened for long"
        }
        guard let workflow else {
            if isNew && event.name == "push" { return nil }
            let first = errors.first
            return "it is invalid: \(first.map { "line \($0.position.line): \($0.message)" } ?? "it cannot be parsed")"
        }
        if case .skipped(let reason) = TriggerMatch(event, workflow) { return reason }
        return nil
    }
}
