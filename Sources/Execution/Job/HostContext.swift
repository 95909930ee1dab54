internal import Glibc
internal import Model
internal import Services
internal import WorkflowSyntax

/// What this host adds to the contexts and to the environment of every step.
enum HostContext {
    /// `github`, with what only the runner knows.
    static func github(_ message: JobMessage, paths: JobPaths, token: String) -> [(String, ExpressionValue)] {
        message.github + [
            ("token", .string(token)),
            ("job", .string(message.execution.jobKey)),
            ("workspace", .string(paths.workspace)),
            ("event_path", .string(paths.eventFile)),
            ("action", .string("")),
        ]
    }

    static func runner(_ host: HostSettings, paths: JobPaths) -> [(String, String)] {
        [
            ("name", host.runnerName),
            ("os", "Linux"),
            ("arch", architecture),
            ("temp", paths.temp),
            ("tool_cache", host.toolCache),
            ("workspace", paths.root),
            ("environment", "self-hosted"),
            ("debug", host.secrets["ACTIONS_STEP_DEBUG"] == "true" ? "1" : ""),
        ]
    }

    static var architecture: String {
        #if arch(x86_64)
        "X64"
        #elseif arch(arm64)
        "ARM64"
        #else
        "X86"
        #endif
    }

    /// Variables that every process of the job gets beneath those of the workflow.
    static func variables(
        _ host: HostSettings, github: [(String, ExpressionValue)], runner: [(String, String)], trackingID: String
    ) -> [String: String] {
        var variables = host.environment
        variables.merge(host.user?.variables ?? [:]) { _, new in new }
        variables.merge(host.extraEnvironment) { _, new in new }
        variables["CI"] = variables["CI"] ?? "true"
        variables["GITHUB_ACTIONS"] = "true"
        // `event` is a file, `token` is handed out only by name.
        let hidden: Set<String> = ["event", "token", "repositoryUrl", "secret_source", "artifact_cache_size_limit"]
        for (name, value) in github where !hidden.contains(name) {
            variables["GITHUB_\(name.uppercased())"] = value.text
        }
        for (name, value) in runner where name != "debug" || !value.isEmpty {
            variables["RUNNER_\(name.uppercased())"] = value
        }
        variables[ProcessTree.trackingVariable] = trackingID
        return variables
    }
}
