/// Proofs of a Merkle tree (RFC 6962, sections 2.1.1 and 2.1.2). A proof is a list of hashes; which subtrees they are the
/// roots of is told as ranges of leaves, so that nobody needs to hold a whole tree.
public enum MerkleProof {
    /// The subtrees of the audit path of leaf `index` in a tree of `size` leaves, from the leaf upwards; empty outside.
    public static func inclusion(of index: Int64, in size: Int64) -> [Range<Int64>] {
        guard index >= 0, index < size else { return [] }
        var ranges: [Range<Int64>] = []
        var tree = 0..<size
        while tree.count > 1 {
            let middle = tree.lowerBound + split(Int64(tree.count))
            if index < middle {
                ranges.append(middle..<tree.upperBound)
                tree = tree.lowerBound..<middle
            } else {
                ranges.append(tree.lowerBound..<middle)
                tree = middle..<tree.upperBound
            }
        }
        return ranges.reversed()
    }

    /// The subtrees of the proof that the tree of `first` leaves is the beginning of that of `second`; empty outside.
    public static func consistency(from first: Int64, to second: Int64) -> [Range<Int64>] {
        guard first > 0, first < second else { return [] }
        var ranges: [Range<Int64>] = []
        var tree = 0..<second
        // Whoever has the first root need not be told it.
        var isFirst = true
        while tree.upperBound != first {
            let middle = tree.lowerBound + split(Int64(tree.count))
            if first <= middle {
                ranges.append(middle..<tree.upperBound)
                tree = tree.lowerBound..<middle
            } else {
                ranges.append(tree.lowerBound..<middle)
                tree = middle..<tree.upperBound
                isFirst = false
            }
        }
        if !isFirst { ranges.append(tree) }
        return ranges.reversed()
    }

    /// Whether the hash of a leaf is at `index` of the tree of that size and root (RFC 9162, section 2.1.3.2).
    public static func verifyInclusion(
        of leaf: [UInt8], at index: Int64, size: Int64, path: [[UInt8]], root: [UInt8]
    ) -> Bool {
        guard index >= 0, index < size else { return false }
        var (place, last, hash) = (index, size - 1, leaf)
        for node in path {
            guard last > 0 else { return false }
            if place & 1 == 1 || place == last {
                hash = MerkleHash.node(node, hash)
                while place & 1 == 0, place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                hash = MerkleHash.node(hash, node)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// Whether the first tree is the beginning of the second (RFC 9162, section 2.1.4.2). A tree without leaves is the
    /// beginning of any.
    public static func verifyConsistency(
        from first: Int64, root firstRoot: [UInt8], to second: Int64, root secondRoot: [UInt8], path: [[UInt8]]
    ) -> Bool {
        guard first >= 0, first <= second else { return false }
        if first == second { return path.isEmpty && firstRoot == secondRoot }
        if first == 0 { return path.isEmpty && firstRoot == MerkleHash.emptyRoot }
        let nodes = first & (first - 1) == 0 ? [firstRoot] + path : path
        guard let start = nodes.first else { return false }
        var (place, last) = (first - 1, second - 1)
        while place & 1 == 1 {
            place >>= 1
            last >>= 1
        }
        var (old, new) = (start, start)
        for node in nodes.dropFirst() {
            guard last > 0 else { return false }
            if place & 1 == 1 || place == last {
                old = MerkleHash.node(node, old)
                new = MerkleHash.node(node, new)
                while place & 1 == 0, place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                new = MerkleHash.node(new, node)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && old == firstRoot && new == secondRoot
    }

    /// The largest power of two below `count`, which is at least 2.
    private static func split(_ count: Int64) -> Int64 {
        1 << Int64(63 - (count - 1).leadingZeroBitCount)
    }
}
