internal import Glibc

/// The folders of one job. They stand under one folder, which is removed when the job has ended.
struct JobPaths: Sendable {
    var root: String
    var workspace: String
    var temp: String
    var actions: String
    var eventFile: String
    /// The files through which steps set values.
    var commandFiles: String

    init(root: String, repositoryName: String) {
        self.root = root
        workspace = "\(root)/\(repositoryName)/\(repositoryName)"
        temp = "\(root)/_temp"
        actions = "\(root)/_actions"
        eventFile = "\(temp)/_github_workflow/event.json"
        commandFiles = "\(temp)/_runner_file_commands"
    }

    func make(event: String) throws(ExecutionError) {
        // Scripts and command files may hold secrets: they are nobody else's of this host.
        try Files.makeDirectory(temp, mode: 0o700)
        for directory in [workspace, "\(temp)/_github_workflow", commandFiles] { try Files.makeDirectory(directory) }
        try Files.write(event, to: eventFile)
    }
}
