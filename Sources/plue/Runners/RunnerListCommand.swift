import ArgumentParser
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue runner list`
struct RunnerListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "The registered runners.")

    private static let heading = [
        "ID", "NAME", "STATE", "SCOPE", "GROUP", "OS", "ARCH", "VERSION", "JOBS", "LABELS",
    ]

    @OptionGroup var options: DatabaseOptions
    @Flag(help: "One JSON object a line.") var json = false

    mutating func run() async throws {
        let services = try await Database.open(options.database, absent: .empty)
        var rows: [[String]] = []
        var cursor: PageCursor<Runner>?
        repeat {
            let page = try await services.runners.list(after: cursor, limit: 500, by: Caller.principal)
            cursor = page.next
            for runner in page.items where runner.lockPath == nil {
                if json { Standard.line(Self.json(runner)) } else { rows.append(Self.row(runner)) }
            }
        } while cursor != nil
        Standard.output(Table(Self.heading).text(rows))
        await services.backend.close()
    }

    private static func row(_ runner: Runner) -> [String] {
        [
            "\(runner.id)", runner.name, state(runner), scope(runner.scope), runner.group?.name ?? "",
            runner.capabilities.os, runner.capabilities.supportedArchitectures.joined(separator: "/"),
            runner.capabilities.version, "\(runner.liveJobs)/\(runner.maxParallelJobs)",
            runner.labels.joined(separator: ", "),
        ]
    }

    private static func state(_ runner: Runner) -> String {
        // Who does not speak does nothing else either: its process may be gone for good.
        let isOffline = runner.status == .offline
        if let reason = runner.pausedReason { return "\(isOffline ? "offline, " : "")paused: \(reason)" }
        if isOffline { return runner.status.rawValue }
        if runner.isDraining { return "draining" }
        let isBusy = runner.status == .online && runner.liveJobs >= runner.maxParallelJobs
        return isBusy ? Runner.Status.busy.rawValue : runner.status.rawValue
    }

    static func scope(_ scope: RunnerScope) -> String {
        switch scope {
        case .global: "global"
        case .organization(let id): "organization \(id)"
        case .repository(let id): "repository \(id)"
        }
    }

    private static func json(_ runner: Runner) -> String {
        let capabilities = runner.capabilities
        return ExpressionValue.object(
            ExpressionObject([
                ("v", .number(1)), ("id", .number(Double(runner.id.rawValue))), ("name", .string(runner.name)),
                ("status", .string(runner.status.rawValue)), ("draining", .boolean(runner.isDraining)),
                ("paused", runner.pausedReason.map { .string($0) } ?? .null),
                ("scope", .string(scope(runner.scope))), ("group", runner.group.map { .string($0.name) } ?? .null),
                ("ephemeral", .boolean(runner.isEphemeral)), ("os", .string(capabilities.os)),
                ("architectures", list(capabilities.supportedArchitectures)),
                ("docker", .boolean(capabilities.dockerEnabled)), ("version", .string(capabilities.version)),
                ("running", .number(Double(runner.liveJobs))), ("jobs", .number(Double(runner.maxParallelJobs))),
                ("labels", list(runner.labels)), ("last_seen", runner.lastSeen.map { .string("\($0)") } ?? .null),
            ])
        ).json(pretty: false)
    }

    private static func list(_ texts: [String]) -> ExpressionValue {
        .array(ExpressionArray(texts.map { .string($0) }))
    }
}
