internal import Model
internal import Services

/// A run or a repository, for a hold.
enum HeldArgument {
    /// Exactly one of both. Throws ``CommandError``.
    static func find(run: String?, repository: String?, _ services: Services) async throws -> RetentionService.Held {
        switch (run, repository) {
        case (nil, let repository?): return .repository(try await RepositoryArgument.find(repository, services))
        case (let run?, nil):
            guard let id = Int64(run) else {
                throw CommandError(
                    ExitStatus.usage, "run \(run): expected its id; `\(Hint.command("runs"))` lists them")
            }
            return .run(RunID(id))
        default: throw CommandError(ExitStatus.usage, "expected the id of a run, or --repository")
        }
    }
}
