internal import Hashing
internal import WorkflowSyntax

/// That one row is in the log, for someone who has the public key and nothing else: a JSON object.
///
///     {"body":"…","checkpoint":"…","hashes":["BASE64",…],"key":"…","leaf":"…","leaf_index":7,"type":"audit-proof","v":1}
///
/// `leaf` is the row as canonical JSON, `body` (left out where it is not given) what the row changed, `checkpoint` a signed
/// note, `hashes` the audit path of RFC 6962 from the leaf up.
public struct AuditProof: Sendable {
    public let leafIndex: Int64
    /// The row as canonical JSON.
    public let leaf: String
    /// Nil when it is not given: retention removed it, the row had none, or it is no text.
    public let body: String?
    public let hashes: [[UInt8]]
    public let checkpoint: SignedNote
    /// The key that the proof names; whether it is the right one is for its reader to know.
    public let key: NoteKey

    init(
        leafIndex: Int64, leaf: String, body: String?, hashes: [[UInt8]], checkpoint: SignedNote, key: NoteKey
    ) {
        self.leafIndex = leafIndex
        self.leaf = leaf
        self.body = body
        self.hashes = hashes
        self.checkpoint = checkpoint
        self.key = key
    }

    /// Reads a proof. Throws ``ServiceError`` `invalid_input`.
    public init(json text: String) throws(ServiceError) {
        func fail(_ message: String) -> ServiceError { ServiceError(.invalidInput, "the proof", message) }
        guard case .object(let object)? = try? ExpressionValue(json: text), object["type"]?.text == "audit-proof",
            object["v"]?.text == "1"
        else { throw fail("it is not a proof as `plue audit prove` prints it") }
        guard case .string(let leaf)? = object["leaf"], case .number(let index)? = object["leaf_index"],
            let leafIndex = Int64(exactly: index), case .string(let note)? = object["checkpoint"],
            case .string(let key)? = object["key"], case .array(let list)? = object["hashes"]
        else { throw fail("leaf, leaf_index, checkpoint, key or hashes is missing or of another type") }
        let hashes = list.elements.compactMap { Base64.decode($0.text) }
        guard hashes.count == list.elements.count, hashes.allSatisfy({ $0.count == MerkleHash.length }) else {
            throw fail("a hash is not 32 bytes in base64")
        }
        let body: String?
        switch object["body"] {
        case .string(let text)?: body = text
        case nil, .null?: body = nil
        default: throw fail("its body is not a string; where there is none, the member is left out")
        }
        self.init(
            leafIndex: leafIndex, leaf: leaf, body: body, hashes: hashes, checkpoint: try SignedNote(note),
            key: try NoteKey(key))
    }

    public var json: String {
        var members: [(String, ExpressionValue)] = [
            ("v", .number(1)), ("type", .string("audit-proof")), ("leaf_index", .number(Double(leafIndex))),
            ("leaf", .string(leaf)), ("hashes", .array(ExpressionArray(hashes.map { .string(Base64.encode($0)) }))),
            ("checkpoint", .string(checkpoint.description)), ("key", .string(key.description)),
        ]
        if let body { members.append(("body", .string(body))) }
        return CanonicalJSON.text(.object(ExpressionObject(members)))
    }

    /// Checks signature, path and body, by the given key or the one that the proof names; returns the checkpoint. Throws
    /// ``ServiceError`` `conflict` that says what does not fit.
    public func verify(key given: NoteKey? = nil) throws(ServiceError) -> TreeCheckpoint {
        func fail(_ message: String) -> ServiceError { ServiceError(.conflict, "the proof", message) }
        let key = given ?? key
        guard checkpoint.isSigned(by: key) else { throw fail("its checkpoint is not signed by key \(key.name)") }
        let tree = try TreeCheckpoint(checkpoint.text)
        guard tree.origin == key.name else { throw fail("its checkpoint is of another log, \(tree.origin)") }
        let hash = MerkleHash.leaf(Array(leaf.utf8))
        guard
            MerkleProof.verifyInclusion(of: hash, at: leafIndex, size: tree.size, path: hashes, root: tree.root)
        else { throw fail("the leaf is not at place \(leafIndex) of the tree that was signed") }
        guard let body else { return tree }
        guard case .object(let row)? = try? ExpressionValue(json: leaf), let digest = row["body_sha256"]?.text,
            digest == SHA256.hex(of: body)
        else { throw fail("the body is not the one that the leaf names") }
        return tree
    }
}
