import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue queue`: the jobs that wait for runners.
struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "The jobs that wait for runners: list, pause, resume, prioritize.",
        subcommands: [
            QueueListCommand.self, QueuePauseCommand.self, QueueResumeCommand.self, QueuePrioritizeCommand.self,
        ])
}

/// `plue queue list`
struct QueueListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The jobs that wait, by labels, in the order in which they are handed out.")

    @OptionGroup var options: DatabaseOptions
    @Option(name: [.customShort("L"), .long], help: "How many.") var limit = 100
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() async throws {
        guard (1...1_000).contains(limit) else { throw CommandError(ExitStatus.usage, "--limit must be 1 to 1000") }
        let services = try await Database.open(options.database, absent: .empty)
        let (entries, total) = try await services.queue.list(limit: limit, by: Caller.principal)
        if json {
            for entry in entries { Standard.line(Self.json(entry)) }
        } else {
            let rows = entries.map { entry in
                [
                    entry.position.map { "\($0)" } ?? "", "\(entry.run)", entry.repositoryName, entry.name,
                    entry.labels.joined(separator: ", "), String(entry.queuedAt.iso8601.prefix(19)) + "Z",
                    "\(entry.priority)", Self.note(entry),
                ]
            }
            let heading = ["POSITION", "RUN", "REPOSITORY", "JOB", "LABELS", "WAITING SINCE", "PRIORITY", "NOTE"]
            Standard.output(Table(heading).text(rows))
            if total > entries.count { Standard.errorLine("\(total - entries.count) more wait; -L shows up to 1000") }
            for pause in try await services.queue.pauses(by: Caller.principal) {
                let what = pause.repositoryID.map { "repository \($0)" } ?? "the queue"
                Standard.errorLine(
                    "\(what) is paused since \(pause.createdAt.iso8601.prefix(19))Z by \(pause.actor): \(pause.reason.oneLine)"
                )
            }
        }
        await services.backend.close()
    }

    private static func note(_ entry: QueueEntry) -> String {
        if entry.isBound { return "of a local run" }
        if let until = entry.delayedUntil { return "a retry, not before \(until.iso8601.prefix(19))Z" }
        return entry.pause == nil ? "" : "paused"
    }

    private static func json(_ entry: QueueEntry) -> String {
        ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("position", entry.position.map { .number(Double($0)) } ?? .null),
                ("execution", .number(Double(entry.execution.rawValue))), ("run", .number(Double(entry.run.rawValue))),
                ("repository", .string(entry.repositoryName)), ("name", .string(entry.name)),
                ("labels", .array(ExpressionArray(entry.labels.map { .string($0) }))),
                ("queued_at", .string(entry.queuedAt.iso8601)), ("priority", .number(Double(entry.priority))),
                ("local", .boolean(entry.isBound)), ("paused", entry.pause.map { .string($0.reason) } ?? .null),
                ("not_before", entry.delayedUntil.map { .string($0.iso8601) } ?? .null),
            ])
        ).json(pretty: false)
    }
}

/// What a pause is about.
struct QueuePauseOptions: ParsableArguments {
    @OptionGroup var options: DatabaseOptions
    @Option(help: "Only the jobs of this repository: its id, OWNER/NAME or folder (default: all).") var repository:
        String?

    /// - Parameter storing: something is set: what is not stored yet is made.
    func change(storing: Bool, _ body: (QueueService, RepositoryID?) async throws -> Void) async throws {
        let services = try await Database.open(options.database, absent: storing ? .made : .empty)
        var id: RepositoryID?
        if let repository { id = try await RepositoryArgument.find(repository, services, storing: storing) }
        try await body(services.queue, id)
        await services.backend.close()
    }
}

/// `plue queue pause`
struct QueuePauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Hand no more jobs to servers until `plue queue resume`; what runs goes on, local runs too.")

    @OptionGroup var queue: QueuePauseOptions
    @Argument(help: "Why; shown to those who wait.") var reason: String

    mutating func run() async throws {
        let reason = reason
        try await queue.change(storing: true) { service, repository in
            let made = try await service.pause(repository, reason: reason, by: Caller.principal)
            if let old = made.replaced {
                Standard.errorLine(Replacement.text("the pause", old.actor, since: old.createdAt, old.reason))
            }
        }
    }
}

/// `plue queue resume`
struct QueueResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Hand out jobs again.")

    @OptionGroup var queue: QueuePauseOptions

    mutating func run() async throws {
        try await queue.change(storing: false) { service, repository in
            guard try await !service.resume(repository, by: Caller.principal) else { return }
            throw CommandError(ExitStatus.usage, "it is not paused; `\(Hint.command("queue list"))` tells what is")
        }
    }
}
