internal import Synchronization
internal import WorkflowSyntax

/// Parsed workflows by version. A version's text never changes, so an entry is never stale.
final class WorkflowCache: Sendable {
    private static let capacity = 256
    private let parsed = Mutex<[Int64: Workflow]>([:])

    func workflow(version: Int64, _ load: () throws -> Workflow) rethrows -> Workflow {
        if let known = parsed.withLock({ $0[version] }) { return known }
        let workflow = try load()
        store(workflow, version: version)
        return workflow
    }

    func store(_ workflow: Workflow, version: Int64) {
        parsed.withLock { parsed in
            if parsed.count >= Self.capacity { parsed.removeAll() }
            parsed[version] = workflow
        }
    }
}
