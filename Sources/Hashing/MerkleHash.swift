/// The hashes of a Merkle tree (RFC 6962, section 2.1) over SHA-256: 32 bytes each.
public enum MerkleHash {
    public static let length = 32

    /// `SHA-256()`, the root of a tree without leaves.
    public static let emptyRoot: [UInt8] = {
        var hash = SHA256()
        return hash.finalize()
    }()

    /// `SHA-256(0x00 ‖ data)`
    public static func leaf(_ data: [UInt8]) -> [UInt8] {
        hash(0, data, [])
    }

    /// `SHA-256(0x01 ‖ left ‖ right)`
    public static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        hash(1, left, right)
    }

    /// The prefix keeps a node from being shown as a leaf.
    private static func hash(_ prefix: UInt8, _ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        withUnsafeBytes(of: prefix) { hash.update($0) }
        first.withUnsafeBytes { hash.update($0) }
        second.withUnsafeBytes { hash.update($0) }
        return hash.finalize()
    }
}
