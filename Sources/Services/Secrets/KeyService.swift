internal import Cryptography
public import Model
internal import QueryBuilder
internal import Storage
internal import WorkflowSyntax

/// The keys that secrets hang from: the root key outside of the database, which wraps the keys of terms, which wrap each
/// value's own.
///
/// A rotation needs no agreement of servers: the keys stand in the database, wrapped, and whoever meets a value of a term
/// that it does not know reads that term's key. A value is never of a key that others cannot read.
public struct KeyService: Sendable {
    /// Values that a transaction of a rotation wraps anew.
    static let batch = 500

    let services: Services
    let keyring: SecretKeyring

    /// Proves the root key, to be called at start, before anything is written; without effect where there are no secrets
    /// yet. Throws ``CryptographyError`` `wrong_key`, `key_missing` or `key_outdated`.
    public func check() async throws {
        let keyring = keyring
        try await services.backend.read { db in
            guard let installation = try Installation.stored(on: db) else { return }
            _ = try keyring.root(of: installation, on: db)
        }
    }

    /// What is stored of keys; nil before the first secret. Throws as ``check()``.
    public func status(by principal: Principal) async throws -> KeyStatus? {
        try await services.access.check(.keyRead, .installation, by: principal)
        let keyring = keyring
        return try await services.backend.read { db in
            guard let installation = try Installation.stored(on: db) else { return nil }
            _ = try keyring.root(of: installation, on: db)
            let values = Select("count(*)").from("actions_secret_versions AS v").where("v.key_term = k.term")
            let rows = try db.run(
                Select(
                    "k.term", "k.state", "k.wraps", "k.created_at", "k.activated_at", "k.retired_at", "\(values) AS n"
                )
                .from("actions_encryption_keys AS k").orderBy("k.term"))
            let terms = try rows.map { row in
                KeyTerm(
                    term: try row["term"], state: try row["state"], values: try row["n"], wraps: try row["wraps"],
                    createdAt: try row["created_at"], activatedAt: try row["activated_at"],
                    retiredAt: try row["retired_at"])
            }
            let replaced = try db.run(
                Select("replaced_at").from("actions_former_root_keys").orderBy("replaced_at"))
            return KeyStatus(
                installation: installation.id, usesPassphrase: installation.salt != nil, terms: terms,
                rootReplacedAt: try replaced.map { try $0["replaced_at"] })
        }
    }

    /// Throws ``ServiceError`` `not_found` where there is no key yet.
    func checkBegun() async throws {
        let installation = try await services.backend.read { db in try Installation.stored(on: db) }
        guard installation != nil else {
            throw ServiceError(.notFound, "keys", "there are none yet: the first secret makes them")
        }
    }
}
