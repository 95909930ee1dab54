/// The right edge of a Merkle tree (RFC 6962): the roots of its largest perfect subtrees, from the left, one for each bit
/// of its size. All that is needed to append leaves and to tell the root, in O(log n) bytes.
public struct MerkleFrontier: Sendable, Hashable {
    /// How many leaves there are.
    public private(set) var size: Int64 = 0
    private var hashes: [[UInt8]] = []

    public init() {}

    /// What `bytes` gave for a tree of that size; nil unless the lengths fit.
    public init?(size: Int64, bytes: [UInt8]) {
        guard size >= 0, bytes.count == size.nonzeroBitCount * MerkleHash.length else { return nil }
        self.size = size
        hashes = stride(from: 0, to: bytes.count, by: MerkleHash.length).map {
            Array(bytes[$0..<$0 + MerkleHash.length])
        }
    }

    /// The hashes one after another, 32 bytes each.
    public var bytes: [UInt8] { Array(hashes.joined()) }

    /// Adds the hash of a leaf.
    public mutating func append(_ leaf: [UInt8]) {
        var node = leaf
        var carried = size
        // As when 1 is added to a number: each set bit at the end is carried.
        while carried & 1 == 1, let left = hashes.popLast() {
            node = MerkleHash.node(left, node)
            carried >>= 1
        }
        hashes.append(node)
        size += 1
    }

    /// The root of the tree.
    public var root: [UInt8] {
        guard var root = hashes.last else { return MerkleHash.emptyRoot }
        for left in hashes.dropLast().reversed() { root = MerkleHash.node(left, root) }
        return root
    }
}
