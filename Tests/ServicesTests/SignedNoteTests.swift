import Cryptography
import Testing

@testable import Services

/// C2SP signed-note and tlog-checkpoint.
@Suite struct SignedNoteTests {
    /// Key and note of golang.org/x/mod/sumdb/note, whose format C2SP wrote down.
    private static let goKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    private static let goNote = """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

        """

    @Test func theNoteOfGoIsRead() throws {
        let key = try NoteKey(Self.goKey)
        #expect(key.description == Self.goKey && key.name == "PeterNeumann")
        let note = try SignedNote(Self.goNote)
        #expect(note.isSigned(by: key) && note.description == Self.goNote)
        let other = try NoteKey(name: "Other", key: key.key)
        #expect(!note.isSigned(by: other))
        #expect(try !SignedNote(Self.goNote.replacing("problem is", with: "problem was")).isSigned(by: key))
        #expect(try !SignedNote(Self.goNote.replacing("x08go/ZJ", with: "x08go/ZK")).isSigned(by: key))
    }

    @Test func checkpointsAreSignedAndReadBack() throws {
        let key = try Ed25519PrivateKey.generate()
        let name = try NoteKey(name: "plue/audit/0123", key: key.publicKey)
        #expect(try NoteKey(name.description) == name)
        let tree = TreeCheckpoint(origin: name.name, size: 12_345, root: [UInt8](repeating: 7, count: 32))
        #expect(tree.text == "plue/audit/0123\n12345\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n")
        let note = try SignedNote(signing: tree.text, as: name, with: key)
        let read = try SignedNote(note.description)
        #expect(read == note && read.isSigned(by: name))
        #expect(try TreeCheckpoint(read.text) == tree)
        #expect(try TreeCheckpoint(tree.text + "extension\n") == tree)
    }

    @Test func whatIsNoNoteIsRefused() throws {
        for text in [
            "", "\n", "a\n", "a\n\n", "a\n\n— b c\n", "a\n\n- b AAAAAAAA\n", "a\n\n— b AAAA=A==\n", Self.goNote + "x",
            "a\r\n\n— b AAAAAAAA\n", "\n\n", "a\n\n— b AAAAAAAA x\n",
        ] {
            let error = #expect(throws: ServiceError.self) { try SignedNote(text) }
            #expect(error?.code == .invalidInput, "\(text)")
        }
        let root = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
        for text in [
            "", "a\n", "a\n1\n", "a\n-1\n\(root)\n", "a\n01\n\(root)\n", "a\n1\nBwc=\n", "\n1\n\(root)\n",
            "a\n1\n\(root)",
        ] {
            let error = #expect(throws: ServiceError.self) { try TreeCheckpoint(text) }
            #expect(error?.code == .invalidInput, "\(text)")
        }
        for text in ["", "a", "a+b", "a+c74f20a3+AA==", Self.goKey.replacing("c74f", with: "c74e"), " +1+1", "a b+1+1"]
        {
            #expect(throws: ServiceError.self, "\(text)") { try NoteKey(text) }
        }
    }
}
