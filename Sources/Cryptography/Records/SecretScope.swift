/// What a secret belongs to. The raw values are part of every record's authenticated data and never change.
public enum SecretScope: String, Sendable, Hashable, CaseIterable {
    case organization
    case repository
    case environment
}
