public import Model
internal import Services

extension Actions {
    /// Throws `invalid_input`, or `conflict` when there is one of that owner and name.
    public func createRepository(
        owner: String, name: String, defaultBranch: String = "main", organizationID: Int64? = nil,
        by principal: Principal
    ) async throws -> Repository {
        try await Self.mapped(by: principal) {
            Repository(
                try await services.repositories.create(
                    owner: owner, name: name, defaultBranch: defaultBranch, organization: organizationID,
                    by: principal))
        }
    }

    /// Throws `not_found`.
    public func getRepository(_ id: RepositoryID, by principal: Principal) async throws -> Repository {
        try await Self.mapped(by: principal) { Repository(try await services.repositories.get(id, by: principal)) }
    }

    /// The newest first; a page has 1 to 1,000.
    public func listRepositories(
        organizationID: Int64? = nil, after cursor: PageCursor<Repository>? = nil, limit: Int = 50,
        by principal: Principal
    ) async throws -> Page<Repository> {
        try await Self.mapped(by: principal) {
            try await services.repositories.list(
                organization: organizationID, after: cursor.map { PageCursor($0.position) }, limit: limit,
                by: principal
            ).map { Repository($0) }
        }
    }

    /// Sets what the tokens of jobs may do where files do not say; jobs that were claimed keep theirs. Throws
    /// `not_found`.
    @discardableResult
    public func setDefaultWorkflowPermissions(
        _ permissions: DefaultWorkflowPermissions, of id: RepositoryID, by principal: Principal
    ) async throws -> Repository {
        try await Self.mapped(by: principal) {
            Repository(
                try await services.repositories.setDefaultWorkflowPermissions(permissions, of: id, by: principal))
        }
    }

    /// Schedules of an archived repository do not fire, and none is made up for afterwards. Throws `not_found`.
    @discardableResult
    public func setArchived(
        _ isArchived: Bool, of id: RepositoryID, by principal: Principal
    ) async throws -> Repository {
        try await Self.mapped(by: principal) {
            Repository(try await services.repositories.setArchived(isArchived, of: id, by: principal))
        }
    }

    /// Whether workflows with schedules are disabled when nothing else happened in the repository for 60 days. Throws
    /// `not_found`.
    @discardableResult
    public func setDisablesIdleSchedules(
        _ isOn: Bool, of id: RepositoryID, by principal: Principal
    ) async throws -> Repository {
        try await Self.mapped(by: principal) {
            Repository(try await services.repositories.setDisablesIdleSchedules(isOn, of: id, by: principal))
        }
    }

    /// Deletes it with all that belongs to it; its rows of the audit log stay. Throws `not_found`.
    public func deleteRepository(_ id: RepositoryID, by principal: Principal) async throws {
        try await Self.mapped(by: principal) { try await services.repositories.delete(id, by: principal) }
    }
}
