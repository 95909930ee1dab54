internal import Execution
internal import Glibc
internal import Services

/// The host's settings from the options, the files beside the workflows and the environment.
enum HostSetup {
    static func make(_ options: HostOptions, _ git: Git, uuid: String) throws -> HostSettings {
        var host = HostSettings(
            workDirectory: "\(Directories.work)/\(uuid)", toolCache: Directories.tools,
            environment: [:], tree: git.tree, runnerName: "plue-\(uuid.prefix(12))")
        options.strictness.apply(to: &host, isOwn: true)
        for (name, value) in try NamedValues.file(options.envFile, standard: ".env", in: git.root)
            + NamedValues.arguments(options.environment, "--env")
        {
            host.extraEnvironment[name] = value
        }
        for (name, value) in try NamedValues.file(options.secretFile, standard: ".secrets", in: git.root)
            + NamedValues.arguments(options.secret, "-s")
        {
            host.secrets[name.uppercased()] = value
        }
        host.localRepositories = try RunPlan.localRepositories(options.localRepository)
        host.labels = Array(try labels(options))
        return host
    }

    /// Labels of other systems that `-P` makes mean this host, lower-case.
    static func labels(_ options: HostOptions) throws -> Set<String> {
        var labels: Set<String> = []
        for argument in options.platform {
            guard let equals = argument.firstIndex(of: "=") else {
                throw CommandError(ExitStatus.usage, "-P \(argument): expected LABEL=-self-hosted")
            }
            guard argument[equals...].dropFirst() == "-self-hosted" else {
                throw CommandError(
                    ExitStatus.usage,
                    "-P \(argument): images need a container engine, which plue does not use yet; "
                        + "\(argument[..<equals])=-self-hosted is this host")
            }
            labels.insert(argument[..<equals].lowercased())
        }
        return labels
    }
}

extension Git {
    /// What jobs get a copy of.
    var tree: TreeSource {
        var tree = TreeSource(root: root, gitDirectory: commonDirectory, files: files, ref: ref, commit: commit)
        tree.rawFiles = rawFiles
        return tree
    }
}
