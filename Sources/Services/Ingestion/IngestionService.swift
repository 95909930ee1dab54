internal import Hashing
public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// Turns what happens to repositories into stored workflows and runs.
public struct IngestionService: Sendable {
    let services: Services

    /// Stores the workflows that a push brings, and makes a run of every workflow whose triggers take the event: one
    /// transaction. The same delivery again, also at the same time, makes nothing and gives the runs of the first.
    ///
    /// A file that cannot be read, or a run that cannot start, becomes a run with the conclusion `startup_failure` and
    /// its diagnostics. Throws ``ServiceError`` `not_found` for the repository, `invalid_input`, `conflict` for an id that
    /// was delivered with another content; and what the resolver throws.
    ///
    /// - Parameter resolver: reads workflows of other repositories that are called; without one there are none.
    public func deliver(
        _ delivery: EventDelivery, resolver: (any RemoteWorkflowReader)? = nil, by principal: Principal
    ) async throws -> DeliveryResult {
        try await services.access.check(.eventDeliver, .repository(delivery.repository), by: principal)
        let payload = try delivery.check()
        let files = delivery.files?.sorted { $0.key < $1.key }.map { IngestedFile($0.key, $0.value) }
        var remote = RemoteFiles()
        if let resolver {
            let callers =
                if let files { files.compactMap(\.workflow) } else {
                    try await storedWorkflows(of: delivery.repository)
                }
            remote = try await RemoteFiles(calledBy: callers, of: delivery.repository, resolver)
        }
        return try await store(delivery, payload, files, remote, by: principal)
    }

    /// The workflows that an event without files finds. They may be others when the transaction begins: a call that came
    /// meanwhile is of a file that was not found.
    private func storedWorkflows(of repository: RepositoryID) async throws -> [Workflow] {
        let rows = try await services.backend.read { db in
            try db.run(
                WorkflowService.records().where("w.repository_id = \(repository)").and("w.state = 'active'"))
        }
        return try rows.compactMap { row in
            let record = try WorkflowRecord(row)
            return IngestedFile(record.filename, record.content).workflow
        }
    }

    private func store(
        _ delivery: EventDelivery, _ payload: ExpressionValue, _ files: [IngestedFile]?, _ remote: RemoteFiles,
        by principal: Principal
    ) async throws -> DeliveryResult {
        let services = services
        return try await services.transaction { db, changes in
            let repository = try RepositoryService.repository(delivery.repository, on: db)
            guard let event = try EventStore.insert(delivery, on: db) else {
                return try Self.repeated(delivery, on: db)
            }
            let isDefault = delivery.isPushTo(repository.defaultBranch)
            // None: the branch was deleted.
            if isDefault, delivery.headSHA.contains(where: { $0 != "0" }) {
                try db.run(
                    Update("actions_repositories").set("head_sha", delivery.headSHA)
                        .where("id = \(repository.id)").and("coalesce(head_sha, '') <> \(delivery.headSHA)"))
            }
            // Several runs: none of them may end the transaction.
            changes.goesOn = true
            let commit = Commit(
                repository: repository, isDefault: isDefault, services: services,
                principal: principal, changes: changes)
            if let files { try commit.take(files, on: db) } else { try commit.takeStored(on: db) }
            try commit.take(remote, on: db)
            let happened = TriggerEvent(
                delivery.event, payload: payload, ref: delivery.headRef, changedFiles: delivery.changedFiles)
            var result = DeliveryResult(eventID: event, runs: [], skipped: [], isRepeated: false)
            for file in commit.files {
                if let reason = file.reasonToSkip(happened) {
                    result.skipped.append(DeliveryResult.Skip(filename: file.path, reason: reason))
                    continue
                }
                result.runs.append(try commit.run(file, of: delivery, event: event, on: db))
            }
            try changes.drain(on: db)
            return result
        }
    }

    private static func repeated(
        _ delivery: EventDelivery, on db: isolated any StorageConnection
    ) throws -> DeliveryResult {
        let row = try db.one(
            Select("id", "repository_id", "event", "payload_sha256").from("actions_events")
                .where("source = \(delivery.source)").and("delivery_id = \(delivery.id)"))
        let isSame =
            try ID(row["repository_id"]) == delivery.repository && row["event"] == delivery.event
            && row["payload_sha256"] == SHA256.hex(of: delivery.payload)
        guard isSame else {
            throw ServiceError(
                .conflict, "delivery \(delivery.id) of \(delivery.source)", "it was delivered with another content")
        }
        let event: Int64 = try row["id"]
        let runs = try db.run(Select("*").from("actions_workflow_runs").where("event_id = \(event)").orderBy("id"))
        return DeliveryResult(
            eventID: event, runs: try runs.map { row in try WorkflowRun(row) }, skipped: [], isRepeated: true)
    }
}

extension EventDelivery {
    fileprivate func isPushTo(_ branch: String) -> Bool {
        event == "push" && headRef == "refs/heads/\(branch)"
    }

    /// The payload, parsed. Throws ``ServiceError`` `invalid_input`.
    fileprivate func check() throws -> ExpressionValue {
        try InputCheck.name(source, "the source of the delivery", limit: 255)
        try InputCheck.name(id, "the id of the delivery", limit: 255)
        for path in (files ?? [:]).keys { try InputCheck.name(path, "the workflow's filename") }
        return try InputCheck.run(
            event: event, headSHA: headSHA, headRef: headRef, headBranch: headBranch, actor: actor, payload: payload)
    }
}
