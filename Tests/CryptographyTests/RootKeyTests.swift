import Testing

@testable import Cryptography

@Suite struct RootKeyTests {
    private static let salt = [UInt8](repeating: 9, count: 16)

    private static func passphrase(_ text: String) throws -> RootKey {
        try RootKey.load(.passphrase(SecretBytes(Array(text.utf8)), salt: salt))
    }

    @Test func wrapsKeys() throws {
        let root = try RootKey(RandomBytes.secret(32))
        let key = try KeyEncryptionKey.generate(term: 3)
        let wrapped = try root.wrap(key, installID: "i")
        #expect(wrapped.count == 64 && wrapped.starts(with: Array("PK1".utf8) + [1]))
        #expect(try root.wrap(key, installID: "i") != wrapped)
        let opened = try root.unwrap(wrapped, term: 3, installID: "i")
        #expect(opened.term == 3 && opened.key.isEqual(to: key.key))

        let refusal = { (root: RootKey, wrapped: [UInt8], term: UInt32, install: String) in
            failure { _ = try root.unwrap(wrapped, term: term, installID: install) }?.code
        }
        #expect(refusal(root, wrapped, 4, "i") == .authenticationFailed)
        #expect(refusal(root, wrapped, 3, "j") == .authenticationFailed)
        #expect(refusal(try RootKey(RandomBytes.secret(32)), wrapped, 3, "i") == .authenticationFailed)
        #expect(refusal(root, Array(wrapped.dropLast()), 3, "i") == .malformed)
        #expect(refusal(root, wrapped + [0], 3, "i") == .malformed)
        #expect(refusal(root, [], 3, "i") == .malformed)
        for bit in 0..<wrapped.count * 8 {
            var changed = wrapped
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(refusal(root, changed, 3, "i") == (bit < 32 ? .malformed : .authenticationFailed))
        }
    }

    @Test func derivesKeysThatDiffer() throws {
        let bytes = [UInt8](repeating: 5, count: 32)
        let (one, again) = (try RootKey(SecretBytes(bytes)), try RootKey(SecretBytes(bytes)))
        let other = try RootKey(RandomBytes.secret(32))
        #expect(one.keyCheckValue == again.keyCheckValue && one.keyCheckValue != other.keyCheckValue)
        #expect(one.auditKey.isEqual(to: again.auditKey) && !one.auditKey.isEqual(to: other.auditKey))
        #expect(one.auditKey.bytes != one.keyCheckValue)
        for label in ["plue/audit-mac/v1", "plue/key-check/v1"] {
            let key = try HKDF.derive(from: SecretBytes(bytes), info: Array(label.utf8), count: 32).bytes
            #expect([one.auditKey.bytes, one.keyCheckValue].contains(key))
        }
        #expect(failure { _ = try RootKey(RandomBytes.secret(31)) }?.code == .malformed)
    }

    @Test func tellsWrongFromOutdated() throws {
        let keys = try (0..<3).map { _ in try RootKey(RandomBytes.secret(32)) }
        let former = [keys[0].keyCheckValue, keys[1].keyCheckValue]
        try keys[2].verify(current: keys[2].keyCheckValue, former: former)
        #expect(failure { try keys[0].verify(current: keys[2].keyCheckValue, former: former) }?.code == .keyOutdated)
        #expect(failure { try keys[0].verify(current: keys[2].keyCheckValue) }?.code == .wrongKey)
        #expect(failure { try keys[0].verify(current: []) }?.code == .wrongKey)
    }

    @Test func comesFromAPassphrase() throws {
        let root = try Self.passphrase("correct horse battery staple")
        try Self.passphrase("correct horse battery staple").verify(current: root.keyCheckValue)
        let wrong = try Self.passphrase("correct horse battery stable")
        let error = failure { try wrong.verify(current: root.keyCheckValue) }
        #expect(error?.code == .wrongKey && error.map { !"\($0)".contains("horse") } == true)
        let salted = try RootKey.load(
            .passphrase(SecretBytes(Array("correct horse battery staple".utf8)), salt: [1] + Self.salt.dropFirst()))
        #expect(failure { try salted.verify(current: root.keyCheckValue) }?.code == .wrongKey)
        #expect(failure { _ = try Self.passphrase("") }?.code == .keyMissing)
        let short = RootKeySource.passphrase(SecretBytes([1]), salt: [1, 2, 3])
        #expect(failure { _ = try RootKey.load(short) }?.code == .malformed)
    }

    @Test func comesFromOneSource() throws {
        let file = RootKeySource.file(path: "/etc/plue/key")
        let phrase = RootKeySource.passphrase(SecretBytes(Array("hunter2".utf8)), salt: Self.salt)
        #expect(failure { _ = try RootKeySource.only(of: []) }?.code == .keyMissing)
        let error = failure { _ = try RootKeySource.only(of: [file, phrase]) }
        #expect(error?.code == .keyAmbiguous && error?.message.contains("/etc/plue/key") == true)
        #expect(error?.message.contains("hunter2") == false)
        #expect(try RootKeySource.only(of: [file]).description == "key file /etc/plue/key")
    }
}
