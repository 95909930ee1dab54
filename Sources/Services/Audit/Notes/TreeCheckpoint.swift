internal import Hashing

/// What a log says of its tree at one moment (C2SP tlog-checkpoint): the text of a signed note.
///
///     ORIGIN
///     SIZE
///     BASE64(ROOT)
public struct TreeCheckpoint: Sendable, Hashable {
    /// Which log: `plue/audit/INSTALLATION`.
    public let origin: String
    /// Leaves.
    public let size: Int64
    /// 32 bytes.
    public let root: [UInt8]

    init(origin: String, size: Int64, root: [UInt8]) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Reads the text of a note; lines after the third are extensions and say nothing here. Throws ``ServiceError``
    /// `invalid_input`.
    public init(_ text: String) throws(ServiceError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, lines.last == "", !lines[0].isEmpty, let size = Int64(lines[1]), size >= 0,
            String(size) == lines[1], let root = Base64.decode(String(lines[2])), root.count == MerkleHash.length
        else {
            throw ServiceError(
                .invalidInput, "checkpoint", "expected the lines ORIGIN, SIZE and the root in base64, as C2SP has them")
        }
        self.init(origin: String(lines[0]), size: size, root: root)
    }

    /// The text to sign.
    public var text: String { "\(origin)\n\(size)\n\(Base64.encode(root))\n" }
}
