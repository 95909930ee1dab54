import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue schedule list`
struct ScheduleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The schedules of a repository: when each is due, and what became of its last one.")

    @OptionGroup var place: RepositoryOptions
    @Flag(name: [.short, .long], help: "Of all repositories.") var all = false
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() async throws {
        let services = try await Database.open(place.history.database, absent: .empty)
        let repository = all ? nil : try await place.find(services, hint: "; -a shows all")
        let user = Caller.principal
        var rows: [[String]] = []
        for entry in try await services.schedules.list(in: repository, by: user) {
            let last = try await services.schedules.occurrences(of: entry.schedule.id, limit: 1, by: user).first
            if json {
                Standard.line(Self.json(entry, last))
            } else {
                rows.append(row(entry, last))
            }
        }
        await services.backend.close()
        if json { return }
        guard !rows.isEmpty else { return Standard.errorLine("no stored workflow has a schedule") }
        Standard.output(
            Table(["WORKFLOW", "CRON", "ZONE", "NEXT", "LAST FIRED", "MISSED", "STATE", "NOTE"]).text(rows))
    }

    private func row(_ entry: ScheduleService.Entry, _ last: ScheduleOccurrence?) -> [String] {
        let schedule = entry.schedule
        let name = all ? "\(entry.repositoryName) \(entry.filename)" : entry.filename
        var note = schedule.fault ?? (Self.neverFires(schedule) ? "no month has the day that it names" : "")
        if let last, let reason = last.reason {
            note = "\(last.outcome.rawValue) \(Self.text(last.dueAt)): \(reason)"
        }
        return [
            name.oneLine, schedule.cron, schedule.timezone,
            Self.neverFires(schedule) ? "never" : Self.next(schedule).map(Self.text) ?? "",
            schedule.lastFiredAt.map(Self.text) ?? "", schedule.missedPolicy.rawValue, Self.state(entry), note.oneLine,
        ]
    }

    private static func state(_ entry: ScheduleService.Entry) -> String {
        entry.isArchived ? "archived" : entry.state.rawValue
    }

    private static func neverFires(_ schedule: Schedule) -> Bool {
        CronExpression(schedule.cron).map { !$0.everFires } ?? false
    }

    private static func text(_ time: Timestamp) -> String { "\(time.iso8601.prefix(16))Z" }

    /// Also of a schedule that no server has looked at yet.
    private static func next(_ schedule: Schedule) -> Timestamp? {
        guard let from = schedule.planFrom else { return schedule.nextDueAt }
        guard let cron = CronExpression(schedule.cron),
            let zone = try? ZoneRules.named(schedule.timezone, in: ZoneDatabase())
        else { return nil }
        return ScheduleOccurrences(cron, in: zone).next(after: from.microseconds / 1_000_000).map {
            Timestamp(microseconds: $0 * 1_000_000)
        }
    }

    private static func json(_ entry: ScheduleService.Entry, _ last: ScheduleOccurrence?) -> String {
        let schedule = entry.schedule
        func time(_ time: Timestamp?) -> ExpressionValue { time.map { .string($0.iso8601) } ?? .null }
        let occurrence = last.map { last in
            ExpressionValue.object(
                ExpressionObject([
                    ("due_at", time(last.dueAt)), ("outcome", .string(last.outcome.rawValue)),
                    ("reason", last.reason.map { .string($0) } ?? .null),
                    ("run", last.runID.map { .number(Double($0.rawValue)) } ?? .null),
                ]))
        }
        return ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("id", .number(Double(schedule.id.rawValue))),
                ("repository", .string(entry.repositoryName)), ("workflow", .string(entry.filename)),
                ("cron", .string(schedule.cron)), ("timezone", .string(schedule.timezone)),
                ("next_due_at", time(next(schedule))), ("never_fires", .boolean(neverFires(schedule))),
                ("last_fired_at", time(schedule.lastFiredAt)),
                ("missed_policy", .string(schedule.missedPolicy.rawValue)), ("state", .string(state(entry))),
                ("fault", schedule.fault.map { .string($0) } ?? .null), ("last", occurrence ?? .null),
            ])
        ).json(pretty: false)
    }
}
