import Testing

@testable import Cryptography

@Suite struct PrimitiveTests {
    @Test func sealsAsNISTDoes() throws {
        let cases = try Vectors.blocks("gcmEncryptExtIV256.rsp")
        #expect(cases.count == 375)
        for vector in cases {
            let (key, nonce) = (Vectors.secret(vector["Key"]), Vectors.bytes(vector["IV"]))
            let (data, plaintext) = (Vectors.bytes(vector["AAD"]), Vectors.secret(vector["PT"]))
            let sealed = try AESGCM.seal(plaintext, key: key, nonce: nonce, additionalData: data)
            #expect(sealed == Vectors.bytes(vector["CT"]) + Vectors.bytes(vector["Tag"]))
            let opened = try AESGCM.open(sealed, key: key, nonce: nonce, additionalData: data)
            #expect(opened.isEqual(to: plaintext))
        }
    }

    @Test func opensAsNISTDoes() throws {
        let cases = try Vectors.blocks("gcmDecrypt256.rsp")
        #expect(cases.count == 375)
        #expect(cases.count { $0["FAIL"] != nil } > 100)
        for vector in cases {
            let sealed = Vectors.bytes(vector["CT"]) + Vectors.bytes(vector["Tag"])
            let open = {
                try AESGCM.open(
                    sealed, key: Vectors.secret(vector["Key"]), nonce: Vectors.bytes(vector["IV"]),
                    additionalData: Vectors.bytes(vector["AAD"]))
            }
            if vector["FAIL"] != nil {
                #expect(failure { _ = try open() }?.code == .authenticationFailed)
            } else {
                #expect(try open().bytes == Vectors.bytes(vector["PT"]))
            }
        }
    }

    @Test func refusesOtherLengthsOfKeyAndNonce() throws {
        let (key, nonce) = (try RandomBytes.secret(32), try RandomBytes.bytes(12))
        let empty = SecretBytes([])
        for (count, length) in [(31, 12), (33, 12), (0, 12), (32, 11), (32, 13), (32, 0)] {
            let error = failure {
                _ = try AESGCM.seal(
                    empty, key: RandomBytes.secret(count), nonce: RandomBytes.bytes(length), additionalData: [])
            }
            #expect(error?.code == .malformed)
        }
        let short = [UInt8](repeating: 0, count: 15)
        let error = failure { _ = try AESGCM.open(short, key: key, nonce: nonce, additionalData: []) }
        #expect(error?.code == .malformed)
    }

    @Test func derivesAsRFC5869Does() throws {
        let cases = try Vectors.blocks("rfc-5869-HKDF-SHA256.txt")
        #expect(cases.count == 3)
        for vector in cases {
            let (secret, salt) = (Vectors.secret(vector["IKM"]), Vectors.bytes(vector["salt"]))
            let (info, count) = (Vectors.bytes(vector["info"]), Int(vector["L"] ?? "") ?? 0)
            let extracted = try HKDF.extract(from: secret, salt: salt)
            #expect(extracted.bytes == Vectors.bytes(vector["PRK"]))
            #expect(try HKDF.expand(extracted, info: info, count: count).bytes == Vectors.bytes(vector["OKM"]))
            let derived = try HKDF.derive(from: secret, salt: salt, info: info, count: count)
            #expect(derived.bytes == Vectors.bytes(vector["OKM"]))
        }
        let key = try RandomBytes.secret(32)
        #expect(try HKDF.derive(from: key, info: [], count: 255 * 32).count == 255 * 32)
        for count in [0, -1, 255 * 32 + 1] {
            #expect(failure { _ = try HKDF.derive(from: key, info: [], count: count) }?.code == .malformed)
        }
    }

    @Test func derivesAsRFC9106Does() throws {
        let cases = try Vectors.blocks("argon2id.txt")
        #expect(cases.count == 6)
        for vector in cases {
            let number = { (name: String) in Int(vector[name] ?? "") ?? 0 }
            let derived = try Argon2id.derive(
                from: Vectors.secret(vector["pass"]), salt: Vectors.bytes(vector["salt"]),
                parameters: .init(
                    memory: UInt32(number("memcost")), passes: UInt32(number("iter")), lanes: UInt32(number("lanes"))),
                count: number("length"), secret: Vectors.bytes(vector["secret"]),
                additionalData: Vectors.bytes(vector["ad"]))
            #expect(derived.bytes == Vectors.bytes(vector["output"]))
        }
        let pass = SecretBytes(Array("password".utf8))
        let salt = [UInt8](repeating: 1, count: 16)
        for (parameters, salt, count) in [
            (Argon2id.Parameters(memory: 1, passes: 1, lanes: 1), salt, 32), (.recommended, [1], 32),
            (.recommended, salt, 3), (Argon2id.Parameters(memory: 64, passes: 0, lanes: 1), salt, 32),
            (Argon2id.Parameters(memory: 64, passes: 1, lanes: 0), salt, 32),
        ] {
            let error = failure {
                _ = try Argon2id.derive(from: pass, salt: salt, parameters: parameters, count: count)
            }
            #expect(error?.code == .malformed)
        }
    }

    /// RFC 4231, cases 1, 2 and 6.
    @Test func authenticatesAsRFC4231Does() throws {
        for (key, message, code) in [
            (
                [UInt8](repeating: 0x0b, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ] {
            let (key, message, code) = (SecretBytes(key), Array(message.utf8), Vectors.bytes(code))
            #expect(try HMACSHA256.authenticationCode(of: message, key: key) == code)
            #expect(try HMACSHA256.isValid(code, of: message, key: key))
            #expect(try !HMACSHA256.isValid(code, of: message + [0], key: key))
            #expect(try !HMACSHA256.isValid(Array(code.dropLast()), of: message, key: key))
        }
    }

    /// A line is `seed and public key : public key : message : signature and message`.
    @Test func signsAsRFC8032Does() throws {
        let lines = try Vectors.text("ed25519-sign.input").split(separator: "\n")
        #expect(lines.count == 128)
        for line in lines {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false).map { Vectors.bytes(String($0)) }
            let key = try Ed25519PrivateKey(seed: SecretBytes(Array(fields[0].prefix(32))))
            let (message, signature) = (fields[2], Array(fields[3].prefix(64)))
            #expect(key.publicKey.bytes == fields[1])
            #expect(try key.sign(message) == signature)
            #expect(try key.publicKey.isValid(signature, of: message))
            #expect(try !key.publicKey.isValid(signature, of: message + [0]))
        }
    }

    @Test func everyChangeOfASignatureIsFound() throws {
        let key = try Ed25519PrivateKey.generate()
        let message = Array("checkpoint".utf8)
        let signature = try key.sign(message)
        for bit in 0..<signature.count * 8 {
            var changed = signature
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(try !key.publicKey.isValid(changed, of: message))
        }
        #expect(try !Ed25519PrivateKey.generate().publicKey.isValid(signature, of: message))
        #expect(try !key.publicKey.isValid(Array(signature.dropLast()), of: message))
        #expect(failure { _ = try Ed25519PublicKey([1]) }?.code == .malformed)
        #expect(failure { _ = try Ed25519PrivateKey(seed: SecretBytes([1])) }?.code == .malformed)
    }

    @Test func randomBytesDiffer() throws {
        let drawn = try (0..<1000).map { _ in try RandomBytes.bytes(16) }
        #expect(Set(drawn).count == 1000)
        #expect(try RandomBytes.bytes(0).isEmpty)
        #expect(try RandomBytes.secret(100_000).bytes.contains { $0 != 0 })
    }

    @Test func comparesInFull() {
        #expect(ConstantTime.areEqual([], []))
        #expect(ConstantTime.areEqual([1, 2], [1, 2]))
        #expect(!ConstantTime.areEqual([1, 2], [1, 3]))
        #expect(!ConstantTime.areEqual([1], [1, 2]))
    }
}
