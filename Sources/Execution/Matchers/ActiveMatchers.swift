internal import Model

/// The problem matchers as one step uses them: compiled, with the lines that fitted so far.
struct ActiveMatchers {
    /// A longer line is not looked at: an expression may take time that grows with it.
    static let lineLimit = 4_096

    private var matchers: [ProblemMatcher]
    private let workspace: String

    /// Those that cannot be compiled were refused when they were added.
    init(_ configs: [ProblemMatcherConfig], workspace: String) {
        self.workspace = workspace
        matchers = configs.compactMap { try? ProblemMatcher($0) }
    }

    var isEmpty: Bool { matchers.isEmpty }

    /// The annotation of the problem that this line completes, or nil.
    mutating func annotation(for line: String) -> Annotation? {
        guard line.utf8.count <= Self.lineLimit else { return nil }
        for index in matchers.indices {
            guard let match = matchers[index].match(line) else { continue }
            for other in matchers.indices where other != index { matchers[other].reset() }
            if let annotation = annotation(match) { return annotation }
        }
        return nil
    }

    private func annotation(_ match: ProblemMatch) -> Annotation? {
        guard let message = match[.message], !message.allSatisfy(\.isWhitespace) else { return nil }
        let severity = match[.severity]?.lowercased() ?? ""
        guard let level = severity.isEmpty ? .error : Annotation.Level(rawValue: severity) else { return nil }
        var annotation = Annotation(level, message)
        annotation.line = match[.line].flatMap { Int64($0) }
        if annotation.line != nil { annotation.column = match[.column].flatMap { Int64($0) } }
        annotation.file = match[.file].flatMap { file(named: $0, from: match[.fromPath]) }
        return annotation
    }

    /// Relative to the workspace; nil where there is no such file in it.
    private func file(named name: String, from project: String?) -> String? {
        guard !name.isEmpty else { return nil }
        var path = name
        if let project, !name.hasPrefix("/"), let slash = project.lastIndex(of: "/") { path = project[...slash] + name }
        path = Files.normalize(path, in: workspace)
        guard path.hasPrefix(workspace + "/"), Files.exists(path), !Files.isDirectory(path) else { return nil }
        return String(path.dropFirst(workspace.count + 1))
    }
}
