import Foundation
import Testing

@testable import Cryptography

@Suite struct SecretBytesTests {
    private static let canary = "canary-7b21e0"

    @Test func isNeverPrinted() throws {
        let secret = SecretBytes(Array(Self.canary.utf8))
        let key = try KeyEncryptionKey(term: 1, key: SecretBytes(Array((Self.canary + Self.canary + "......").utf8)))
        let signing = try Ed25519PrivateKey(seed: key.key)
        let root = try RootKey(key.key)
        var texts = ["\(secret)", String(describing: secret), String(reflecting: secret), secret.debugDescription]
        #expect(texts.allSatisfy { $0 == "SecretBytes(13)" })
        let optional: SecretBytes? = secret
        let source = RootKeySource.passphrase(secret, salt: [])
        for value in [secret, optional as Any, [secret], ["a": secret], key, signing, root, source] as [Any] {
            var dumped = ""
            dump(value, to: &dumped)
            texts += [dumped, "\(value)", String(reflecting: value)]
            texts += Mirror(reflecting: value).children.map { "\($0)" }
        }
        let bytes = Array(Self.canary.utf8).map(String.init).joined(separator: ", ")
        let hex = Self.canary.utf8.map { String($0, radix: 16) }.joined()
        for text in texts {
            for part in [Self.canary, "canary", bytes, hex] { #expect(!text.contains(part), "\(text.count)") }
            #expect(!text.lowercased().contains("0x"))
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test func holdsWhatItWasGiven() {
        for count in [0, 1, 32, 4095, 4096, 4097, 100_000] {
            var bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let expected = bytes
            let copied = bytes.withUnsafeBytes { SecretBytes(copying: $0) }
            let consumed = SecretBytes(consuming: &bytes)
            #expect(bytes.isEmpty && copied.bytes == expected && consumed.bytes == expected)
            #expect(copied.isEqual(to: consumed) && copied.count == count)
            #expect(SecretBytes(count: count) { _ in }.bytes == [UInt8](repeating: 0, count: count))
        }
        #expect(!SecretBytes([1, 2]).isEqual(to: SecretBytes([1, 3])))
        #expect(SecretBytes(count: -1) { _ in }.count == 0)
    }

    /// A value that was sealed and opened is nowhere in the process's memory once its `SecretBytes` are gone. Run apart by
    /// `scripts/test`: the memory of all other tests is much to look through, and changes meanwhile.
    @Test(.enabled(if: getenv("PLUE_TEST_APART") != nil, "run apart by scripts/test"))
    func nothingIsLeftInMemory() throws {
        let memory = try ProcessMemory()
        let key = try KeyEncryptionKey.generate(term: 1)
        let address = SecretAddress(installID: "i", scope: .repository, scopeID: 1, name: "A", version: 1)
        let record = try key.seal(memory.needle, at: address)
        var opened: SecretBytes? = try key.open(record, at: address)
        #expect(opened?.isEqual(to: memory.needle) == true)
        #expect(try memory.copies() == 1)
        opened = nil
        #expect(try memory.copies() == 0)
        // What was decrypted before the tag turned out to be another's.
        var changed = record
        changed[changed.count - 1] ^= 1
        #expect(failure { _ = try key.open(changed, at: address) }?.code == .authenticationFailed)
        #expect(try memory.copies() == 0)
        #expect(opened == nil)
    }
}
