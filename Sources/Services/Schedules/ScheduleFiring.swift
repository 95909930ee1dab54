internal import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// One transaction of a schedule that is due: plans it, or decides of one occurrence and those that were missed before.
struct ScheduleFiring: Sendable {
    /// What one transaction did.
    enum Step: Sendable {
        case fired(RunID)
        case skipped
        /// Its next occurrence was computed, or its missed ones are told.
        case planned
        /// Nothing: it is not due any more, held by another process, or for another process to decide.
        case left
    }

    /// How long occurrences are told.
    private static let kept = Duration.seconds(90 * 86_400)
    /// When a zone that is not known is looked for again.
    private static let faultInterval = Duration.seconds(3600)
    /// After so long without anything else, schedules are disabled where the repository says so. GitHub's.
    static let idleDays: Int64 = 60

    let id: ScheduleID
    let workflow: WorkflowID
    let occurrences: Result<ScheduleOccurrences, ScheduleFault>
    let head: DefaultHead
    let remote: RemoteFiles
    /// Why this occurrence cannot make a run, as a try showed.
    let refusal: String?
    let services: Services

    init(
        due: ScheduleService.Due, head: DefaultHead, remote: RemoteFiles, refusal: String?, services: Services
    ) {
        id = due.id
        workflow = due.workflow
        occurrences = due.occurrences
        self.head = head
        self.remote = remote
        self.refusal = refusal
        self.services = services
    }

    func step(_ changes: Changes, on db: isolated any StorageConnection) throws -> Step {
        // Who stores files holds the workflow's row first as well.
        try db.lock(Select("id").from("actions_workflows").where("id = \(workflow)"))
        let row = try db.first(
            Select("s.*", "\(.now) AS at").from("actions_schedules AS s").where("s.id = \(id)")
                .and("s.next_due_at <= \(.now)").forUpdate(skipLocked: true))
        guard let row else { return .left }
        let schedule = try Schedule(row)
        let now: Timestamp = try row["at"]
        guard let due = schedule.nextDueAt else { return .left }
        switch occurrences {
        case .failure(let fault):
            try db.run(
                update.set("plan_from", schedule.planFrom ?? due.advanced(by: .microseconds(-1)))
                    .set("next_due_at", now.advanced(by: Self.faultInterval)).set("fault", fault.text))
            return .left
        case .success(let occurrences):
            if let from = schedule.planFrom {
                let next = occurrences.next(after: from.second)
                try db.run(
                    update.set("next_due_at", next.map { Timestamp(second: $0) })
                        .set("plan_from", nil as Timestamp?).set("fault", nil as String?))
                return .planned
            }
            let plan = DuePlan(occurrences, schedule.missedPolicy, due: due.second, now: now.second)
            return try carryOut(plan, of: schedule, at: now, changes, on: db)
        }
    }

    private var update: Update { Update("actions_schedules").where("id = \(id)") }

    private func carryOut(
        _ plan: DuePlan, of schedule: Schedule, at now: Timestamp, _ changes: Changes,
        on db: isolated any StorageConnection
    ) throws -> Step {
        let record = try WorkflowService.record(workflow, on: db)
        let repository = try RepositoryService.repository(record.repositoryID, on: db)
        var commit: String?
        var reason = refusal
        if plan.fires != nil {
            switch head {
            case .elsewhere: return .left
            case .commit(let sha): commit = sha
            case .unknown(let text): reason = text
            case .stored:
                commit = repository.headSHA
                if commit == nil { reason = "no commit of \(repository.defaultBranch) is known" }
            }
        }
        // Whoever changed these moved the schedule too, unless he wrote to the tables himself.
        if repository.isArchived { reason = "the repository is archived" }
        if record.state != .active { reason = "the workflow is \(record.state.rawValue)" }
        var isIdle = false
        if reason == nil { isIdle = try self.isIdle(record, repository, at: now, on: db) }
        if isIdle { reason = "the workflow was disabled: nothing happened for \(Self.idleDays) days" }

        try db.run([
            Delete("actions_schedule_occurrences").where("schedule_id = \(id)")
                .and("due_at < \(now.advanced(by: .zero - Self.kept))"),
            update.set("next_due_at", plan.next.map { Timestamp(second: $0) }),
        ])
        try db.run(
            Insert("actions_schedule_occurrences").rows(
                ["schedule_id", "due_at", "outcome", "reason", "created_at"],
                plan.missed.map { [id, Timestamp(second: $0), "missed", "no server was there in time", SQL.now] }
            ).onConflict("schedule_id, due_at", .doNothing))
        if repository.isArchived || record.state != .active {
            try ScheduleRows.adjust("workflow_id = \(workflow)", on: db)
        }
        if isIdle {
            try WorkflowService.change(
                workflow, to: .disabledInactivity, reason: "nothing but schedules for \(Self.idleDays) days",
                by: .system, on: db)
        }
        guard let fires = plan.fires else { return .planned }
        let dueAt = Timestamp(second: fires)
        let isNew = try db.first(
            Insert("actions_schedule_occurrences").values([
                "schedule_id": id, "due_at": dueAt, "outcome": reason == nil ? "fired" : "skipped", "reason": reason,
                "created_at": .now,
            ]).onConflict("schedule_id, due_at", .doNothing).returning("due_at"))
        guard isNew != nil else { return .planned }
        guard reason == nil, let commit else { return .skipped }
        let run = try makeRun(of: schedule, dueAt, record, repository, commit: commit, changes, on: db)
        return run.map { .fired($0) } ?? .planned
    }

    /// Nil when the occurrence made one before.
    private func makeRun(
        of schedule: Schedule, _ dueAt: Timestamp, _ record: WorkflowRecord, _ repository: Repository,
        commit sha: String, _ changes: Changes, on db: isolated any StorageConnection
    ) throws -> RunID? {
        let delivery = EventDelivery(
            repository: repository.id, source: "plue.schedule", id: "\(id)@\(dueAt.iso8601)", event: "schedule",
            payload: Self.payload(schedule.cron, record.filename, repository),
            headRef: "refs/heads/\(repository.defaultBranch)", headSHA: sha, actor: schedule.actor)
        guard let event = try EventStore.insert(delivery, on: db) else { return nil }
        changes.goesOn = true
        let files = Commit(
            repository: repository, isDefault: false, services: services, principal: .system, changes: changes)
        try files.takeStored(on: db)
        try files.take(remote, on: db)
        guard let file = files.files.first(where: { $0.version.workflowID == workflow.rawValue }) else { return nil }
        let run = try files.run(file, of: delivery, event: event, on: db)
        try db.run([
            Update("actions_schedule_occurrences").set("run_id", run.id).where("schedule_id = \(id)")
                .and("due_at = \(dueAt)"),
            update.set("last_fired_at", dueAt),
        ])
        try changes.drain(on: db)
        return run.id
    }

    /// Whether the repository disables schedules when nothing else happens, and nothing did. A workflow that was stored
    /// or enabled is something.
    private func isIdle(
        _ record: WorkflowRecord, _ repository: Repository, at now: Timestamp, on db: isolated any StorageConnection
    ) throws -> Bool {
        guard repository.disablesIdleSchedules else { return false }
        let last: Timestamp? = try db.first(
            Select("created_at").from("actions_events").where("repository_id = \(repository.id)")
                .and("event <> 'schedule'").orderBy("id DESC").limit(1))?["created_at"]
        return now.duration(since: max(last ?? record.updatedAt, record.updatedAt))
            >= .seconds(Self.idleDays * 86_400)
    }

    /// As GitHub sends it, as far as it is known here.
    private static func payload(_ cron: String, _ filename: String, _ repository: Repository) -> String {
        ExpressionValue.object(
            ExpressionObject([
                ("schedule", .string(cron)), ("workflow", .string(filename)),
                (
                    "repository",
                    .object(
                        ExpressionObject([
                            ("name", .string(repository.name)), ("full_name", .string(repository.fullName)),
                            (
                                "owner",
                                .object(
                                    ExpressionObject([
                                        ("login", .string(repository.owner)), ("name", .string(repository.owner)),
                                    ]))
                            ),
                            ("default_branch", .string(repository.defaultBranch)),
                        ]))
                ),
            ])
        ).json(pretty: false)
    }
}

extension Timestamp {
    /// Whole seconds since the epoch, as schedules count: the second that the moment is in.
    fileprivate var second: Int64 { microseconds.quotientAndRemainder(dividingBy: 1_000_000).quotient }

    fileprivate init(second: Int64) {
        self.init(microseconds: second * 1_000_000)
    }
}
