internal import Execution
internal import Glibc
internal import Services
internal import WorkflowSyntax

/// The workflow files of a repository, read and checked.
struct Project: Sendable {
    var root: String
    /// Files that parsed.
    var sources: [WorkflowSource]
    var diagnostics: [Diagnostic]

    static let defaultFolder = ".github/workflows"

    /// Reads the files under `path` (a file or a folder, relative to the root), in the order of their names.
    /// Throws ``CommandError`` when there is none.
    static func read(root: String, path: String?) throws -> Project {
        var project = Project(root: root, sources: [], diagnostics: [])
        for file in try files(root: root, path: path) { try project.add(file) }
        return project
    }

    /// The files as ``read(root:path:)`` finds them.
    static func files(root: String, path: String?) throws -> [String] {
        let place = Files.normalize(path ?? defaultFolder, in: root)
        if Files.isDirectory(place) {
            let files = Files.names(in: place).filter { $0.hasSuffix(".yml") || $0.hasSuffix(".yaml") }.sorted()
                .map { "\(place)/\($0)" }
            if files.isEmpty {
                throw CommandError(ExitStatus.nothingMatched, "\(place) holds no workflow (*.yml, *.yaml)")
            }
            return files
        }
        if Files.exists(place) { return [place] }
        if path == nil {
            throw CommandError(
                ExitStatus.nothingMatched, "\(root) has no \(defaultFolder): there is no workflow to run")
        }
        throw CommandError(ExitStatus.usage, "\(place): there is no such file or folder")
    }

    /// The path as it is shown and stored: relative to the root.
    static func relative(_ path: String, to root: String) -> String {
        path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : path
    }

    private mutating func add(_ path: String) throws {
        let name = Self.relative(path, to: root)
        let limit = 1 << 20
        let bytes: [UInt8]
        do {
            bytes = try RegularFile.bytes(path, limit: limit + 1, of: root)
        } catch {
            // As GitHub, which runs the others.
            let start = SourcePosition(line: 1, column: 1)
            diagnostics.append(Diagnostic(code: "unreadable", message: error.message, file: name, at: start))
            return
        }
        let result = WorkflowParser().parse(bytes: bytes, file: name)
        diagnostics += result.diagnostics
        if let workflow = result.workflow {
            sources.append(
                WorkflowSource(path: name, text: String(decoding: bytes, as: UTF8.self), workflow: workflow))
        }
    }

    var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
}
