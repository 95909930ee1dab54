/// Marks of a commit message that suppress runs of `push` and `pull_request` (GitHub, "Skipping workflow runs").
enum SkipMark {
    private static let marks = ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]"]

    /// The mark as it is documented; nil when there is none.
    static func find(in message: String) -> String? {
        if let mark = marks.first(where: { OrdinalText.contains(message, $0) }) { return mark }
        return hasTrailer(message) ? "skip-checks: true" : nil
    }

    /// `skip-checks: true` (or `skip-checks:true`) as a line of the last paragraph, which is not the first.
    private static func hasTrailer(_ message: String) -> Bool {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
            .map { String($0).trimmingBlanks }
        guard let last = lines.lastIndex(where: { !$0.isEmpty }),
            let blank = lines[..<last].lastIndex(where: \.isEmpty)
        else { return false }
        return lines[(blank + 1)...last].contains {
            let line = $0.lowercased()
            return line == "skip-checks: true" || line == "skip-checks:true"
        }
    }
}
