internal import Execution
internal import Services

/// Ends runs whose process is gone, for commands that wait for a run of another process.
enum LostRunnerCheck {
    static func end(_ services: Services) async throws {
        try await LostRunners.end(services, workDirectory: Directories.work)
    }
}
