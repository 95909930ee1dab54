import ArgumentParser
internal import Model
internal import Services

/// Where a role holds.
struct AccessScopeOptions: ParsableArguments {
    @OptionGroup var place: RepositoryOptions
    @Option(help: "All repositories of this organization: its id, \(RunnerScopeOptions.organizationIDs).")
    var organization: Int64?
    @Flag(help: "Everything in this database.") var installation = false

    /// Throws ``CommandError`` where several are given, or (without one) this is no repository that is known.
    ///
    /// - Parameter storing: a working tree that is not known yet is made known: something is set for it.
    func scope(_ services: Services, storing: Bool = false) async throws -> RoleScope {
        let given = [place.repository != nil, organization != nil, installation]
        guard given.count(where: { $0 }) <= 1 else {
            throw CommandError(ExitStatus.usage, "--repository, --organization and --installation exclude each other")
        }
        if installation { return .installation }
        if let organization { return .organization(organization) }
        return .repository(try await storing ? place.findOrStore(services) : place.find(services))
    }
}
