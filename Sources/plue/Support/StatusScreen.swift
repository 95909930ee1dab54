internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// Bare `plue`: where one stands, in five lines.
enum StatusScreen {
    static func show() async throws {
        let folder = Directories.current
        let root = RepositoryRoot.find(folder)
        var lines = ["\(Version.text)  \(root ?? folder)"]
        guard let root else {
            lines += ["not in a git repository", "help    plue --help"]
            return Standard.output(lines.joined(separator: "\n") + "\n")
        }
        var next = "plue run"
        do {
            let project = try Project.read(root: root, path: nil)
            let jobs = project.sources.reduce(0) { $0 + $1.workflow.jobs.count }
            let broken = Set(project.errors.map(\.file)).count
            lines.append(
                "workflows  \(project.sources.count) with \(jobs) job\(jobs == 1 ? "" : "s")"
                    + (broken > 0 ? ", \(broken) invalid" : ""))
            if broken > 0 { next = "plue validate" }
        } catch let error as CommandError {
            lines.append("workflows  none: \(error.message)")
            next = "plue --help"
        }
        if let last = try await newestRun(root) {
            let style = Style.standardOutput
            let mark = style.mark(last.run.conclusion?.rawValue)
            lines.append("last run   \(mark) #\(last.run.id) \(last.run.name): \(RunSummaryText.word(last.run))")
            if last.run.conclusion == .failure { next = "plue rerun \(last.run.id) --failed" }
        } else {
            lines.append("last run   none yet")
        }
        lines.append("next       \(next)")
        lines.append("help       plue --help")
        Standard.output(lines.joined(separator: "\n") + "\n")
    }

    /// Nil also where the database was not made yet.
    private static func newestRun(_ root: String) async throws -> HistoryService.RunSummary? {
        let services = try await Database.open(nil, absent: .shownEmpty)
        var filter = HistoryService.Filter()
        filter.repository = try await services.history.repository(location: root)?.id
        guard filter.repository != nil else { return nil }
        do {
            return try await services.history.page(filter, limit: 1, by: Caller.principal).items.first
        } catch let error as ServiceError where error.code == .forbidden {
            return nil
        }
    }
}
