import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue hold`: what no pruning touches.
struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Legal holds, which keep runs and repositories from pruning: list, set, release.",
        subcommands: [HoldListCommand.self, HoldSetCommand.self, HoldReleaseCommand.self])
}

/// `plue hold list`
struct HoldListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Every hold, the oldest first.")

    @OptionGroup var options: DatabaseOptions
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() async throws {
        let services = try await Database.open(options.database, absent: .empty)
        let holds = try await services.retention.holds(by: Caller.principal)
        await services.backend.close()
        if json {
            for hold in holds { Standard.line(Self.record(hold)) }
        } else if holds.isEmpty {
            Standard.errorLine("nothing is held")
        } else {
            let rows = holds.map { hold in
                [
                    "\(hold.repositoryID)", hold.runID.map { "\($0)" } ?? "(all)",
                    "\(hold.createdAt.iso8601.prefix(19))Z", hold.actor, hold.reason,
                ]
            }
            Standard.output(Table(["REPOSITORY", "RUN", "SINCE", "BY", "REASON"]).text(rows))
        }
    }

    private static func record(_ hold: LegalHold) -> String {
        ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("repository", .number(Double(hold.repositoryID.rawValue))),
                ("run", hold.runID.map { .number(Double($0.rawValue)) } ?? .null), ("reason", .string(hold.reason)),
                ("actor", .string(hold.actor)), ("created_at", .string(hold.createdAt.iso8601)),
            ])
        ).json(pretty: false)
    }
}

/// `plue hold set`
struct HoldSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Keep a run, or all of a repository, until `plue hold release`.",
        usage: "plue hold set RUN REASON\nplue hold set --repository REPOSITORY REASON")

    @OptionGroup var options: DatabaseOptions
    @Option(help: "All of this repository: its id, OWNER/NAME or folder.") var repository: String?
    @Argument(help: "The run's id, unless --repository is given; and why.") var words: [String]

    mutating func run() async throws {
        guard words.count == (repository == nil ? 2 : 1), let reason = words.last else {
            throw CommandError(
                ExitStatus.usage,
                "expected `plue hold set RUN REASON` or `plue hold set --repository REPOSITORY REASON`; "
                    + "a reason of several words stands in quotes")
        }
        let services = try await Database.open(options.database, absent: .empty)
        let held = try await HeldArgument.find(
            run: repository == nil ? words[0] : nil, repository: repository, services)
        let made = try await services.retention.hold(held, reason: reason, by: Caller.principal)
        await services.backend.close()
        if let old = made.replaced {
            Standard.errorLine(Replacement.text("the hold", old.actor, since: old.createdAt, old.reason))
        }
    }
}

/// `plue hold release`
struct HoldReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "End a hold: the next pruning may remove what it kept.")

    @OptionGroup var options: DatabaseOptions
    @Option(help: "That of this repository: its id, OWNER/NAME or folder.") var repository: String?
    @Argument(help: "The run's id, unless --repository is given.") var run: String?

    mutating func run() async throws {
        let services = try await Database.open(options.database, absent: .empty)
        let held = try await HeldArgument.find(run: run, repository: repository, services)
        let wasHeld = try await services.retention.release(held, by: Caller.principal)
        await services.backend.close()
        guard wasHeld else {
            throw CommandError(ExitStatus.usage, "it is not held; `\(Hint.command("hold list"))` tells what is")
        }
    }
}
