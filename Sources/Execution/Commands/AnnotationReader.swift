internal import Model

/// Reads `error`, `warning` and `notice` commands, and repairs impossible positions as GitHub's runner does.
enum AnnotationReader {
    static func read(_ command: WorkflowCommand, _ level: Annotation.Level) -> Annotation {
        var annotation = Annotation(level, command.data)
        annotation.title = command["title"]
        annotation.file = command["file"]
        var line = command["line"].flatMap { Int64($0) }
        let endLine = command["endLine"].flatMap { Int64($0) }
        var column = command["col"].flatMap { Int64($0) }
        let endColumn = command["endColumn"].flatMap { Int64($0) }
        // An end alone is the start too. Columns mean nothing without a line, or over several lines; an end before its
        // start means nothing at all.
        line = line ?? endLine
        column = column ?? endColumn
        guard let line else { return annotation }
        if let endLine, endLine < line { return annotation }
        annotation.line = line
        annotation.endLine = endLine
        if let endLine, endLine != line { return annotation }
        if let column, let endColumn, endColumn < column { return annotation }
        annotation.column = column
        annotation.endColumn = endColumn
        return annotation
    }
}
