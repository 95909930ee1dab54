/// An action that lies on this machine.
struct ActionFolder: Equatable {
    /// Where its manifest is.
    var path: String
    /// The top of the repository that holds it: what `$/` means in its own steps.
    var root: String
    /// `owner/name` and what stands after the `@`, for an action of another repository.
    var repository: String?
    var reference: String?
}
