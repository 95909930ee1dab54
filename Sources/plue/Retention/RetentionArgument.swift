internal import Model

/// A class of retention as people name it.
enum RetentionArgument {
    /// Throws ``CommandError``.
    static func parse(_ text: String) throws -> RetentionClass {
        if let kind = RetentionClass(rawValue: text) { return kind }
        let names = RetentionClass.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandError(ExitStatus.usage, "there is no class '\(text)': expected one of \(names)")
    }
}
