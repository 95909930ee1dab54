import ArgumentParser
internal import Model
internal import Services

/// Whose secrets or variables: this repository's, its environment's or an organization's.
struct OwnerOptions: ParsableArguments {
    @OptionGroup var place: RepositoryOptions
    @Option(name: .shortAndLong, help: "An environment of the repository.") var environment: String?
    @Option(help: "An organization, by its id.") var organization: Int64?

    mutating func validate() throws {
        if organization != nil, environment != nil || place.repository != nil {
            throw ValidationError("--organization goes without --environment and --repository")
        }
        if let organization, organization < 1 { throw ValidationError("--organization must be 1 or more") }
        if environment?.isEmpty == true { throw ValidationError("--environment must have a name") }
    }

    /// - Parameter storing: a working tree that is not known yet is made known. Throws ``CommandError``.
    func find(_ services: Services, storing: Bool = false) async throws -> SecretOwner {
        if let organization { return .organization(organization) }
        let repository = storing ? try await place.findOrStore(services) : try await place.find(services)
        return environment.map { .environment(repository, $0) } ?? .repository(repository)
    }
}
