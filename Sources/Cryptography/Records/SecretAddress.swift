/// The one place at which a record opens. Its parts are authenticated and not stored in the record, so that one that
/// was moved to another row does not open.
public struct SecretAddress: Sendable, Hashable {
    public var installID: String
    public var scope: SecretScope
    public var scopeID: Int64
    /// As it is stored: upper case. The address does not fold it.
    public var name: String
    public var version: Int64

    public init(installID: String, scope: SecretScope, scopeID: Int64, name: String, version: Int64) {
        self.installID = installID
        self.scope = scope
        self.scopeID = scopeID
        self.name = name
        self.version = version
    }

    /// What the value is bound to: not the term, so that wrapping its key anew does not touch it.
    var dataBinding: [UInt8] { binding("plue/secret-data/v1").bytes }

    /// What the wrapped data key is bound to.
    func keyBinding(term: UInt32) -> [UInt8] {
        var binding = binding("plue/secret-key/v1")
        binding.append(term)
        return binding.bytes
    }

    /// By which the audit log tells values apart: equal ones of one name are the same, also of other versions; of other
    /// names or places they are not.
    package func digest(of value: SecretBytes, key: SecretBytes) throws(CryptographyError) -> [UInt8] {
        var place = self
        place.version = 0
        var own = try HMACSHA256.authenticationCode(of: place.binding("plue/secret-digest/v1").bytes, key: key)
        return try HMACSHA256.authenticationCode(of: value, key: SecretBytes(consuming: &own))
    }

    private func binding(_ label: String) -> AdditionalData {
        var data = AdditionalData(label: label)
        data.append(installID)
        data.append(scope.rawValue)
        data.append(scopeID)
        data.append(name)
        data.append(version)
        return data
    }
}

extension SecretAddress: CustomStringConvertible {
    /// For messages: `secret TOKEN of repository 7, version 2`.
    public var description: String { "secret \(name) of \(scope.rawValue) \(scopeID), version \(version)" }
}
