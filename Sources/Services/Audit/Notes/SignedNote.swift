internal import Cryptography

/// A text with signatures (C2SP signed-note):
///
///     TEXT, each line with its line feed
///
///     — NAME BASE64(key id ‖ signature)
public struct SignedNote: Sendable, Hashable {
    public struct Signature: Sendable, Hashable {
        public var name: String
        /// 4 bytes.
        public var keyID: [UInt8]
        public var bytes: [UInt8]
    }

    /// Ends in a line feed.
    public let text: String
    public private(set) var signatures: [Signature]

    /// Signs a text. Throws ``CryptographyError``.
    init(signing text: String, as key: NoteKey, with privateKey: Ed25519PrivateKey) throws(CryptographyError) {
        self.text = text
        signatures = [
            Signature(name: key.name, keyID: key.id, bytes: try privateKey.sign(Array(text.utf8)))
        ]
    }

    /// Reads a note. Throws ``ServiceError`` `invalid_input`.
    public init(_ note: String) throws(ServiceError) {
        func fail(_ message: String) -> ServiceError { ServiceError(.invalidInput, "signed note", message) }
        // By bytes: a line feed after a carriage return is one too.
        let bytes = Array(note.utf8)
        let control = bytes.contains { $0 < 0x20 && $0 != 0x0A }
        guard !control, bytes.last == 0x0A else { throw fail("it does not end in a line feed, or was damaged") }
        guard let gap = bytes.indices.dropLast().last(where: { bytes[$0] == 0x0A && bytes[$0 + 1] == 0x0A }), gap > 0
        else { throw fail("there is no empty line between its text and its signatures") }
        text = String(decoding: bytes[...gap], as: UTF8.self)
        signatures = []
        for line in bytes[(gap + 2)...].split(separator: 0x0A) {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 3, words[0] == "—", !words[1].isEmpty, let blob = Base64.decode(String(words[2])),
                blob.count > 4
            else { throw fail("a signature is not — NAME BASE64") }
            signatures.append(
                Signature(name: String(words[1]), keyID: Array(blob.prefix(4)), bytes: Array(blob.dropFirst(4))))
        }
        guard !signatures.isEmpty else { throw fail("it has no signature") }
    }

    /// Whether the key signed it. Signatures of other keys say nothing.
    public func isSigned(by key: NoteKey) -> Bool {
        let id = key.id
        return signatures.contains { signature in
            signature.name == key.name && signature.keyID == id
                && (try? key.key.isValid(signature.bytes, of: Array(text.utf8))) == true
        }
    }
}

extension SignedNote: CustomStringConvertible {
    /// The note as it is read.
    public var description: String {
        text + "\n" + signatures.map { "— \($0.name) \(Base64.encode($0.keyID + $0.bytes))\n" }.joined()
    }
}
