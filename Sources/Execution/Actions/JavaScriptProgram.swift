internal import Model
internal import WorkflowSyntax

/// A JavaScript action as a step uses it: its folder and the inputs it gets, for main, pre and post.
struct JavaScriptProgram {
    var folder: String
    var inputs: [(String, String)]
    var scope: StepScope
    var contextName: String

    /// Runs one of its files with node. Returns what it saved for later files of the same step.
    func run(
        _ file: String, job: JobState, environment: Environment, state: [(String, String)], timeout: Duration?,
        output: StepOutput
    ) async throws -> (StepRunner.Execution, state: [(String, String)]) {
        let scripts = ScriptRunner(job: job)
        guard let node = Shell.find("node", scripts.searchPath(environment)) else {
            throw ExecutionError("JavaScript actions need node on PATH: install Node.js 20 or later")
        }
        let path = Files.normalize(file, in: folder)
        guard Files.exists(path) else { throw ExecutionError("\(folder): the action has no file \(file)") }
        var extra: [String: String] = [:]
        for (name, value) in inputs {
            let folded = String(name.map { $0 == " " ? "_" : $0 }).uppercased()
            extra["INPUT_\(folded)"] = value
        }
        for (name, value) in state { extra["STATE_\(name)"] = value }
        extra["GITHUB_ACTION"] = contextName
        extra["GITHUB_ACTION_REPOSITORY"] = scope.action?.repository ?? ""
        extra["GITHUB_ACTION_REF"] = scope.action?.reference ?? ""
        let (execution, saved) = try await scripts.start(
            node, [path], directory: job.paths.workspace, environment: environment, scope: scope, extra: extra,
            timeout: timeout, output: output)
        let commands = output.savedState()
        return (execution, state + saved + commands)
    }
}

/// The clean-up of an action, at the end of its job.
struct PostStep {
    var program: JavaScriptProgram
    var file: String
    var condition: Expression
    var state: [(String, String)]
    var step: Step
    var overlay: Environment
}
