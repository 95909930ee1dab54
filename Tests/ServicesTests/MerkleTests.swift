import Foundation
import Hashing
import TestSupport
import Testing

/// Trees and proofs against the reference vectors and against the definitions of RFC 6962 as they stand.
@Suite struct MerkleTests {
    private static func bytes(_ hex: Substring) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// Section 2.1, word for word.
    private static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        guard leaves.count > 1 else { return leaves.first ?? MerkleHash.emptyRoot }
        var middle = 1
        while middle * 2 < leaves.count { middle *= 2 }
        let cut = leaves.startIndex + middle
        return MerkleHash.node(root(leaves[..<cut]), root(leaves[cut...]))
    }

    private static func hashes(_ ranges: [Range<Int64>], _ leaves: [[UInt8]]) -> [[UInt8]] {
        ranges.map { root(leaves[Int($0.lowerBound)..<Int($0.upperBound)]) }
    }

    @Test func referenceVectors() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        let text = try String(contentsOf: folder.appending(path: "merkle.txt"), encoding: .utf8)
        var leaves: [[UInt8]] = []
        var roots = [MerkleHash.emptyRoot]
        var frontier = MerkleFrontier()
        var proofs = 0
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            switch words[0] {
            case "empty": #expect(frontier.root == Self.bytes(words[1]))
            case "leaf":
                leaves.append(MerkleHash.leaf(Self.bytes(words[1])))
                frontier.append(leaves[leaves.count - 1])
                #expect(frontier.root == Self.bytes(words[2]), "\(line)")
                roots.append(frontier.root)
            default:
                let (first, second) = (try #require(Int64(words[1])), try #require(Int64(words[2])))
                let path = words.dropFirst(3).map(Self.bytes)
                proofs += 1
                if words[0] == "inclusion" {
                    #expect(Self.hashes(MerkleProof.inclusion(of: first, in: second), leaves) == path, "\(line)")
                    #expect(
                        MerkleProof.verifyInclusion(
                            of: leaves[Int(first)], at: first, size: second, path: path, root: roots[Int(second)]))
                } else {
                    #expect(Self.hashes(MerkleProof.consistency(from: first, to: second), leaves) == path, "\(line)")
                    #expect(
                        MerkleProof.verifyConsistency(
                            from: first, root: roots[Int(first)], to: second, root: roots[Int(second)], path: path))
                }
            }
        }
        #expect(leaves.count == 8 && proofs == 9)
    }

    /// Every size up to 70, every leaf and every pair of sizes: the proofs prove, and nothing else does.
    @Test func proofsAgreeWithTheDefinitionAndProveNothingElse() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("MerkleTests seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let leaves = (0..<70).map { _ in MerkleHash.leaf([UInt8.random(in: 0...255, using: &random)]) }
        var frontier = MerkleFrontier()
        var roots = [MerkleHash.emptyRoot]
        for leaf in leaves {
            frontier.append(leaf)
            roots.append(frontier.root)
            #expect(MerkleFrontier(size: frontier.size, bytes: frontier.bytes) == frontier)
        }
        #expect(MerkleFrontier(size: 3, bytes: []) == nil)
        for size in 0...leaves.count {
            #expect(roots[size] == Self.root(leaves[..<size]), "size \(size), seed \(seed)")
            for index in 0..<size {
                let path = Self.hashes(MerkleProof.inclusion(of: Int64(index), in: Int64(size)), leaves)
                func proves(_ path: [[UInt8]], at place: Int, of leaf: [UInt8]) -> Bool {
                    MerkleProof.verifyInclusion(
                        of: leaf, at: Int64(place), size: Int64(size), path: path, root: roots[size])
                }
                #expect(proves(path, at: index, of: leaves[index]), "\(index) of \(size), seed \(seed)")
                let other = Int.random(in: 0..<size, using: &random)
                // Leaves may be equal, their places are not.
                let falsePlace = other != index && proves(path, at: other, of: leaves[index])
                let falseLeaf = proves(path, at: index, of: roots[size].reversed())
                let falseLength = proves(path + [leaves[0]], at: index, of: leaves[index])
                let isCut = !path.isEmpty && proves(path.dropLast(), at: index, of: leaves[index])
                let outside = proves(path, at: size, of: leaves[index]) || proves(path, at: -1, of: leaves[index])
                #expect(!falseLeaf && !falseLength && !isCut && !outside, "\(index) of \(size), seed \(seed)")
                #expect(!falsePlace || leaves[index] == leaves[other], "\(index) as \(other) of \(size), seed \(seed)")
            }
            for first in 0...size {
                let path = Self.hashes(MerkleProof.consistency(from: Int64(first), to: Int64(size)), leaves)
                func proves(_ path: [[UInt8]], _ old: [UInt8], _ new: [UInt8]) -> Bool {
                    MerkleProof.verifyConsistency(
                        from: Int64(first), root: old, to: Int64(size), root: new, path: path)
                }
                #expect(proves(path, roots[first], roots[size]), "\(first) to \(size), seed \(seed)")
                let wrong: [UInt8] = roots[size].reversed()
                #expect(!proves(path, wrong, roots[size]) && !proves(path + [wrong], roots[first], roots[size]))
                if first > 0 { #expect(!proves(path, roots[first], wrong), "\(first) to \(size), seed \(seed)") }
            }
        }
    }
}
