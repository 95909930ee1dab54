internal import Execution
internal import Glibc
internal import Model
internal import Services
internal import Storage
internal import Synchronization

/// Executes runs on this host and shows them: a local runner with its lock, the renderer, Ctrl-C.
final class RunSession: Sendable {
    let services: Services
    private let lock: LocalRunnerLock
    private let local: LocalRunner
    private let workDirectory: String
    private let interrupts = Mutex(0)

    /// How a local runner is made.
    struct Settings {
        var host: HostSettings
        var concurrentJobs: Int
        var repository: Repository
    }

    init(_ services: Services, uuid: String, _ settings: Settings) async throws {
        OwnProcess.ownAllChildren()
        OwnProcess.makeControlGroups()
        self.services = services
        try await Self.checkKeys(services)
        lock = try LocalRunnerLock(directory: Directories.runners, uuid: uuid)
        workDirectory = settings.host.workDirectory
        let runner = try await services.runners.registerLocal(
            uuid: uuid, name: settings.host.runnerName, lockPath: lock.path, lockHost: LocalRunnerLock.host,
            repository: settings.repository.id,
            os: "linux", arch: HostName.architecture, version: Version.number, maxParallelJobs: settings.concurrentJobs,
            labels: settings.host.labels,
            by: Caller.principal)
        local = LocalRunner(runner: runner, services: services, host: settings.host, origin: Caller.origin)
    }

    /// A wrong or missing root key is told before anything runs: without their secrets jobs would do something else.
    private static func checkKeys(_ services: Services) async throws {
        guard try await services.hasSecrets() else { return }
        guard let keys = services.keys else { throw RootKeySettings.missing }
        try await keys.check()
    }

    var runnerID: RunnerID { local.runner.id }

    /// Executes until the runs have ended. The first Ctrl-C cancels them, the second kills what runs.
    func execute(_ runs: [RunID], by principal: Principal) async throws {
        Interrupts.watch { [self] count in
            interrupts.withLock { $0 = count }
            Task.detached { [self] in
                if count == 1 {
                    for run in runs { _ = try? await services.runs.cancel(run, by: principal) }
                } else {
                    local.stopAll()
                }
            }
        }
        try await local.run(until: runs)
    }

    /// Runs `body` and puts everything away, however it ends. Returns its exit code, or that of a second Ctrl-C.
    func use(_ body: () async throws -> Int32) async throws -> Int32 {
        do {
            let code = try await body()
            await close()
            await services.backend.close()
            return interrupts.withLock { $0 } > 1 ? ExitStatus.interrupted : code
        } catch {
            await close()
            throw error
        }
    }

    /// Takes the runner out of service and removes all that it made.
    private func close() async {
        Interrupts.unwatch()
        try? await services.runners.unregister(local.runner.id, by: .system)
        Files.remove(workDirectory)
        lock.release()
    }
}
