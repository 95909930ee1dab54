internal import Model

/// What `--visibility` says.
enum VisibilityArgument {
    /// Throws ``CommandError``.
    static func parse(_ text: String?, of owner: OwnerOptions) throws -> SecretVisibility? {
        guard let text else { return nil }
        guard owner.organization != nil else {
            throw CommandError(ExitStatus.usage, "--visibility is of an organization's: give --organization too")
        }
        guard let visibility = SecretVisibility(rawValue: text) else {
            throw CommandError(ExitStatus.usage, "--visibility \(text): expected all, private or selected")
        }
        return visibility
    }
}
