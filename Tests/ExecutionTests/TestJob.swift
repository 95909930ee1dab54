import Foundation
import Masking
import Migrations
import Model
import SQLiteStorage
import Services
import Storage
import TestSupport
import Testing
import WorkflowSyntax

@testable import Execution

/// Runs the one job of a workflow as a runner does, against a database in memory.
struct TestJob {
    struct Result {
        var conclusion: JobConclusion
        var reason: StatusReason?
        var message: String?
        var outputs: [String: String]
        var steps: [JobStepRecord]
        var lines: [LogLine]
        var annotations: [Annotation]
        var summaries: [String]
        var workDirectory: TestFolder

        var log: String { lines.map(\.text).joined(separator: "\n") }
        func log(step: Int64) -> [String] { lines.filter { $0.step == step && $0.stream != .system }.map(\.text) }
    }

    /// Files of the repository.
    var files: [String: String] = [:]
    var secrets: [String: String] = [:]
    var environment: [String: String] = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]
    var localRepositories: [String: String] = [:]
    var stop = StopSignal()
    var maxProcesses = HostSettings.standardMaxProcesses
    var isStrict = false

    /// `steps` are YAML, a list; `job` and `workflow` are more keys of each.
    func run(steps: String, job: String = "", workflow: String = "") async throws -> Result {
        var text = "on: push\n\(workflow)\njobs:\n  j:\n    runs-on: self-hosted\n"
        for line in job.split(separator: "\n") { text += "    \(line)\n" }
        text += "    steps:\n"
        for line in steps.split(separator: "\n", omittingEmptySubsequences: false) { text += "      \(line)\n" }
        return try await run(workflow: text)
    }

    func run(workflow text: String) async throws -> Result {
        let claimed = try await claim(workflow: text)
        let services = claimed.services
        let message = claimed.message
        let reporter = claimed.reporter
        let outcome = await JobExecutor(message: message, host: claimed.host, reporter: reporter, stop: stop).run()
        let rest = try await reporter.finish()
        try await services.runners.complete(
            Completion(
                message.assignment.token, outcome.conclusion, reason: outcome.reason, message: outcome.message,
                outputs: outcome.outputs, reports: (message.assignment, rest)), by: Principal(.runner, "test"))
        let execution = try #require(try await services.history.jobs(of: message.run.id).first).id
        var lines: [LogLine] = []
        while true {
            let more = try await services.logs.read(execution, after: Int64(lines.count))
            if more.isEmpty { break }
            lines += more
        }
        let summaries = try await services.backend.read { db in
            try db.execute(Statement(sql: "SELECT content FROM actions_summaries ORDER BY step_number")).map {
                try $0["content"] as String
            }
        }
        let result = Result(
            conclusion: outcome.conclusion, reason: outcome.reason, message: outcome.message,
            outputs: Dictionary(outcome.outputs, uniquingKeysWith: { $1 }),
            steps: try await services.history.steps(of: execution), lines: lines,
            annotations: try await services.history.annotations(of: execution), summaries: summaries,
            workDirectory: claimed.folder)
        await services.backend.close()
        return result
    }

    /// A job that was taken from the queue.
    struct Claimed {
        var services: Services
        var message: JobMessage
        var host: HostSettings
        var reporter: JobReporter
        var folder: TestFolder

        /// What its steps share, before the first.
        func state(stop: StopSignal = StopSignal()) -> JobState {
            JobState(
                message: message, host: host,
                paths: JobPaths(root: "\(folder.path)/work/1", repositoryName: "cat"), reporter: reporter,
                masker: SharedMasker(), stop: stop, secrets: host.secrets, trackingID: "test_1")
        }
    }

    func claim(workflow text: String) async throws -> Claimed {
        let folder = try TestFolder()
        for (name, content) in files { try folder.write("tree/\(name)", content) }
        let backend = try SQLiteStorage.open(path: ":memory:")
        try await Migrator(Migrations.sqlite).migrate(backend)
        let services = Services(backend: backend)
        let principal = Principal(.runner, "test")
        let parsed = WorkflowParser().parse(text, file: ".github/workflows/a.yml")
        let workflow = try #require(parsed.workflow, "\(parsed.diagnostics)\n\(text)")
        let repository = try await services.workflows.repository(
            location: folder.path, owner: "octo", name: "cat", defaultBranch: "main", by: .system)
        let runner = try await services.runners.registerLocal(
            uuid: UUID().uuidString, name: "test", lockPath: "\(folder.path)/lock", lockHost: "here",
            repository: repository.id,
            os: "Linux", arch: "X64", version: "0", maxParallelJobs: 1, by: .system)
        _ = try await services.runs.create(
            RunRequest(
                repository: repository,
                source: WorkflowSource(path: ".github/workflows/a.yml", text: text, workflow: workflow), called: [],
                event: "push", payload: "{}", headBranch: "main", headRef: "refs/heads/main",
                headSHA: String(repeating: "0", count: 40), isDirty: false, actor: "octocat", runner: runner.id),
            by: .system)
        let message = try #require(try await services.queue.claim(runner: runner, limit: 1, by: principal).first)
        let tree = TreeSource(
            root: "\(folder.path)/tree", gitDirectory: "\(folder.path)/tree/.git", files: files.keys.sorted(),
            ref: "refs/heads/main", commit: nil)
        var host = HostSettings(
            workDirectory: "\(folder.path)/work", toolCache: "\(folder.path)/tools", environment: environment,
            tree: tree, runnerName: "test")
        host.secrets = secrets
        host.localRepositories = localRepositories
        host.maxProcesses = maxProcesses
        host.isStrict = isStrict
        let reporter = JobReporter(services: services, assignment: message.assignment, principal: principal)
        return Claimed(services: services, message: message, host: host, reporter: reporter, folder: folder)
    }
}
