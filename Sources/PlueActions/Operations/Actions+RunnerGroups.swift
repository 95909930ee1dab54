public import Model
internal import Services

extension Actions {
    /// Makes a group of an organization (nil: of the installation): for all repositories but public ones, unless
    /// `rules` say otherwise. Throws `invalid_input`, `limit`, or `conflict` when it has one of that name.
    public func createRunnerGroup(
        _ name: String, organizationID: Int64? = nil, rules: RunnerGroupRules = RunnerGroupRules(),
        by principal: Principal
    ) async throws -> RunnerGroup {
        try await Self.mapped(by: principal) {
            try await services.runners.createGroup(
                name, organization: organizationID, settings: rules.settings, by: principal)
        }
    }

    /// Changes who may use a group's runners, from the next claim on. Throws `not_found`, `invalid_input`, `limit`.
    @discardableResult
    public func updateRunnerGroup(
        _ id: RunnerGroupID, rules: RunnerGroupRules, by principal: Principal
    ) async throws -> RunnerGroup {
        try await Self.mapped(by: principal) {
            try await services.runners.updateGroup(id, settings: rules.settings, by: principal)
        }
    }

    /// Adds repositories to those that a group of visibility `selected` serves, and takes others away, from the next claim
    /// on. Throws `not_found`, or `invalid_input` for one of another organization than the group's.
    @discardableResult
    public func updateRunnerGroupRepositories(
        _ id: RunnerGroupID, adding: [RepositoryID] = [], removing: [RepositoryID] = [], by principal: Principal
    ) async throws -> RunnerGroup {
        try await Self.mapped(by: principal) {
            try await services.runners.updateRepositories(of: id, adding: adding, removing: removing, by: principal)
        }
    }

    /// The group of that name, compared without regard to case, of an organization (nil: of the installation). Throws
    /// `not_found`.
    public func getRunnerGroup(
        named name: String, organizationID: Int64? = nil, by principal: Principal
    ) async throws -> RunnerGroup {
        try await Self.mapped(by: principal) {
            try await services.runners.group(name, organization: organizationID, by: principal)
        }
    }

    /// Every group, by organization (those of the installation first) and name.
    public func listRunnerGroups(by principal: Principal) async throws -> [RunnerGroup] {
        try await Self.mapped(by: principal) { try await services.runners.groups(by: principal) }
    }

    /// Takes a group away: its runners belong to none any more, and take the jobs of every repository of their scope.
    /// Throws `not_found`.
    public func deleteRunnerGroup(_ id: RunnerGroupID, by principal: Principal) async throws {
        try await Self.mapped(by: principal) { try await services.runners.removeGroup(id, by: principal) }
    }

    /// Puts a runner into a group, or (nil) into none, from its next claim on; what it executes goes on. Throws
    /// `not_found`, or `invalid_input` unless both belong to the same organization, or to the installation.
    @discardableResult
    public func moveRunner(
        _ id: RunnerID, to group: RunnerGroupID?, by principal: Principal
    ) async throws -> Runner {
        try await Self.mapped(by: principal) {
            Runner(try await services.runners.move(id, to: group, by: principal))
        }
    }
}
