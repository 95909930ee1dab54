public import Model
internal import Services

public typealias VariableInfo = Model.VariableInfo

extension Actions {
    /// Stores a value, at most 48 KB, under a name, in place of the one it had: jobs have it as `vars.NAME`. An
    /// organization's is `private` unless said otherwise, and stays as it was said.
    public func setVariable(
        _ name: String, _ value: String, of owner: SecretOwner, visibility: SecretVisibility? = nil,
        by principal: Principal
    ) async throws {
        try await Self.mapped(by: principal) {
            try await services.variables.set(name, value, of: owner, visibility: visibility, by: principal)
        }
    }

    /// By name.
    public func listVariables(of owner: SecretOwner, by principal: Principal) async throws -> [VariableInfo] {
        try await Self.mapped(by: principal) { try await services.variables.list(of: owner, by: principal) }
    }

    public func deleteVariable(_ name: String, of owner: SecretOwner, by principal: Principal) async throws {
        try await Self.mapped(by: principal) {
            try await services.variables.delete(name, of: owner, by: principal)
        }
    }

    /// Lets a repository use an organization's variable of visibility `selected`, or takes that back.
    public func setVariableGranted(
        _ isGranted: Bool, _ name: String, of organizationID: Int64, to repository: RepositoryID,
        by principal: Principal
    ) async throws {
        try await Self.mapped(by: principal) {
            try await services.variables.setGranted(
                isGranted, name, of: organizationID, to: repository, by: principal)
        }
    }
}
