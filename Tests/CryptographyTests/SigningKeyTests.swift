import Testing

@testable import Cryptography

/// The key of the audit log's checkpoints, sealed under the root key.
@Suite struct SigningKeyTests {
    @Test func opensOnlyWhereItBelongs() throws {
        let root = try RootKey(RandomBytes.secret(32))
        let key = try Ed25519PrivateKey.generate()
        let sealed = try root.seal(key, installID: "i")
        #expect(sealed.count == 64 && sealed.starts(with: Array("PS1".utf8) + [1]))
        let opened = try root.openSigningKey(sealed, of: key.publicKey, installID: "i")
        #expect(opened.seed.isEqual(to: key.seed) && opened.publicKey == key.publicKey)

        let other = try Ed25519PrivateKey.generate()
        func refusal(_ root: RootKey, _ bytes: [UInt8], _ key: Ed25519PublicKey, _ install: String)
            -> CryptographyError.Code?
        {
            do {
                _ = try root.openSigningKey(bytes, of: key, installID: install)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(refusal(root, sealed, other.publicKey, "i") == .authenticationFailed)
        #expect(refusal(root, sealed, key.publicKey, "j") == .authenticationFailed)
        #expect(refusal(try RootKey(RandomBytes.secret(32)), sealed, key.publicKey, "i") == .authenticationFailed)
        #expect(refusal(root, Array(sealed.dropLast()), key.publicKey, "i") == .malformed)
        for bit in 0..<sealed.count * 8 {
            var changed = sealed
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(refusal(root, changed, key.publicKey, "i") != nil, "bit \(bit)")
        }
    }
}
