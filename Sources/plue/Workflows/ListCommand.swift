import ArgumentParser
internal import Services
internal import WorkflowSyntax

/// `plue list`: the workflows and jobs of the repository.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the workflows and their jobs.")

    @Option(name: [.customShort("C"), .customLong("directory")], help: "Work in this folder.") var directory: String?
    @Option(name: [.customShort("W"), .customLong("workflows")], help: "A workflow file or a folder of them.")
    var workflows: String?
    @Flag(help: "A JSON array.") var json = false
    @OptionGroup var schedule: ScheduleOptions

    mutating func run() async throws {
        try Self.list(directory: directory, workflows: workflows, json: json, after: schedule.instant())
    }

    /// `after`: from when on the next occurrence of a schedule is looked for, in seconds since the epoch.
    static func list(directory: String?, workflows: String?, json: Bool, after: Int64) throws {
        let project = try ProjectFolder.read(directory: directory, workflows: workflows)
        if json {
            let records = project.sources.flatMap { source in
                let schedules = ScheduleForecast.all(source.workflow, 1, after: after).map(\.json)
                return source.workflow.jobs.map { job in
                    ExpressionValue.object(record(job, of: source, schedules))
                }
            }
            Standard.line(ExpressionValue.array(ExpressionArray(records)).json(pretty: true))
        } else {
            let rows = project.sources.flatMap { source in
                let next = ScheduleForecast.earliest(ScheduleForecast.all(source.workflow, 1, after: after)) ?? ""
                let levels = JobGraph(source.workflow.jobs).levels
                return source.workflow.jobs.map { job in
                    [
                        "\(levels.firstIndex { $0.contains(job.id) } ?? 0)", job.id, job.shownName,
                        source.workflow.name ?? "", source.path,
                        source.workflow.triggers.map(\.event).joined(separator: ","), next,
                    ]
                }
            }
            var heading = ["STAGE", "JOB", "NAME", "WORKFLOW", "FILE", "EVENTS"]
            if rows.contains(where: { $0.last?.isEmpty == false }) { heading.append("NEXT") }
            // A cell without a heading is left out.
            Standard.output(Table(heading).text(rows))
        }
        for diagnostic in project.errors { Standard.errorLine(diagnostic.line) }
        if !project.errors.isEmpty { throw ExitCode(ExitStatus.invalidWorkflow) }
    }

    private static func record(
        _ job: Job, of source: WorkflowSource, _ schedules: [ExpressionValue]
    ) -> ExpressionObject {
        func list(_ texts: [String]) -> ExpressionValue { .array(ExpressionArray(texts.map { .string($0) })) }
        return ExpressionObject([
            ("job", .string(job.id)), ("name", .string(job.shownName)),
            ("workflow", .string(source.workflow.name ?? source.path)), ("file", .string(source.path)),
            ("events", list(source.workflow.triggers.map(\.event))), ("needs", list(job.needs.map(\.id))),
            ("schedules", .array(ExpressionArray(schedules))),
        ])
    }
}

extension Job {
    /// The name as the file gives it, expressions as they are; else the id.
    var shownName: String {
        switch name?.kind {
        case .string(let text)? where !text.isEmpty: text
        case .expression(let expression)?: "${{ \(expression.source) }}"
        default: id
        }
    }
}

/// The workflows of a folder for commands that start no process.
enum ProjectFolder {
    static func read(directory: String?, workflows: String?) throws -> Project {
        let folder = Directories.absolute(directory ?? ".")
        let root = RepositoryRoot.find(folder) ?? folder
        return try Project.read(root: root, path: workflows.map { RunPlan.place($0, folder, root) })
    }
}
