/// What the patterns of a problem matcher found.
struct ProblemMatch {
    enum Field: String, CaseIterable, Sendable {
        case file, line, column, severity, code, message, fromPath
    }

    var values: [Field: String] = [:]

    subscript(field: Field) -> String? { values[field] }
}
