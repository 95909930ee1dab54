public import Cryptography
public import Model
internal import Services

/// Bytes that are cleansed when they are let go of, and never printed.
public typealias SecretBytes = Cryptography.SecretBytes
public typealias SecretOwner = Model.SecretOwner
public typealias SecretVisibility = Model.SecretVisibility
public typealias SecretInfo = Model.SecretInfo

extension Actions {
    /// Stores a value, at most 48 KB, under a name, in place of the one it had; needs ``ActionsOptions/keyFile``. False:
    /// it is stored, but too short to be masked in logs.
    @discardableResult
    public func setSecret(
        _ name: String, _ value: SecretBytes, of owner: SecretOwner, visibility: SecretVisibility? = nil,
        by principal: Principal
    ) async throws -> Bool {
        try await Self.mapped(by: principal) {
            try await secrets().set(name, value, of: owner, visibility: visibility, by: principal)
        }
    }

    /// Names and dates, never values, by name.
    public func listSecrets(of owner: SecretOwner, by principal: Principal) async throws -> [SecretInfo] {
        try await Self.mapped(by: principal) { try await secrets().list(of: owner, by: principal) }
    }

    public func deleteSecret(_ name: String, of owner: SecretOwner, by principal: Principal) async throws {
        try await Self.mapped(by: principal) { try await secrets().delete(name, of: owner, by: principal) }
    }

    /// Lets a repository use an organization's secret of visibility `selected`, or takes that back.
    public func setSecretGranted(
        _ isGranted: Bool, _ name: String, of organizationID: Int64, to repository: RepositoryID,
        by principal: Principal
    ) async throws {
        try await Self.mapped(by: principal) {
            try await secrets().setGranted(isGranted, name, of: organizationID, to: repository, by: principal)
        }
    }

    /// What the job of that claim may use, by upper-case name: for the runner that holds it alone. Each call is in the
    /// audit log before it returns.
    public func readSecrets(for token: JobToken, by principal: Principal) async throws -> [String: SecretBytes] {
        try await Self.mapped(by: principal) { try await secrets().values(for: token, by: principal) }
    }

    private func secrets() throws -> SecretService {
        guard let secrets = services.secrets else {
            throw ActionsError(.unavailable, "secrets", "the database was opened without a key file")
        }
        return secrets
    }
}
