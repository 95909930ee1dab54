internal import COpenSSL

/// One use of AES-256-GCM by EVP; its state is cleansed when it ends.
struct CipherContext: ~Copyable {
    enum Direction: Int32 {
        case open = 0
        case seal = 1
    }

    /// Fetched once: the lookup by name costs more than sealing a small value.
    nonisolated(unsafe) private static let cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
    private let pointer: OpaquePointer

    init() throws(CryptographyError) {
        try LibCrypto.prepare()
        guard let pointer = EVP_CIPHER_CTX_new() else {
            throw CryptographyError(.outOfMemory, AESGCM.name, "no memory; stop other programs and try again")
        }
        self.pointer = pointer
    }

    deinit {
        EVP_CIPHER_CTX_free(pointer)
    }

    /// Sets key and nonce and takes the additional data in.
    func begin(
        _ direction: Direction, key: SecretBytes, nonce: [UInt8], additionalData: [UInt8]
    ) throws(CryptographyError) {
        guard key.count == AESGCM.keyLength, nonce.count == AESGCM.nonceLength else {
            throw CryptographyError(
                .malformed, AESGCM.name,
                "a key of \(key.count) and a nonce of \(nonce.count) bytes were given; they are 32 and 12")
        }
        guard let cipher = Self.cipher else { throw LibCrypto.failure(AESGCM.name) }
        let started = key.withUnsafeBytes { key in
            EVP_CipherInit_ex(
                pointer, cipher, nil, key.baseAddress?.assumingMemoryBound(to: UInt8.self), nonce, direction.rawValue)
        }
        guard started == 1 else { throw LibCrypto.failure(AESGCM.name) }
        // Without an output, what comes in is additional data; an empty text must not be passed that way.
        guard !additionalData.isEmpty else { return }
        var length: Int32 = 0
        guard EVP_CipherUpdate(pointer, nil, &length, additionalData, try size(additionalData.count)) == 1 else {
            throw LibCrypto.failure(AESGCM.name)
        }
    }

    /// Reads all of `input` and writes as many bytes to `output`.
    func update(_ input: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer) throws(CryptographyError) {
        guard let source = input.baseAddress, let target = output.baseAddress, !input.isEmpty else { return }
        var length: Int32 = 0
        let done = EVP_CipherUpdate(
            pointer, target.assumingMemoryBound(to: UInt8.self), &length, source.assumingMemoryBound(to: UInt8.self),
            try size(input.count))
        guard done == 1, Int(length) == input.count else { throw LibCrypto.failure(AESGCM.name) }
    }

    /// Ends the sealing and writes the tag.
    func finish(tag: UnsafeMutableRawBufferPointer) throws(CryptographyError) {
        guard end(), EVP_CIPHER_CTX_ctrl(pointer, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), tag.baseAddress) == 1
        else { throw LibCrypto.failure(AESGCM.name) }
    }

    /// Ends the opening; false when the tag is another.
    func finish(expecting tag: UnsafeRawBufferPointer) throws(CryptographyError) -> Bool {
        let copy = UnsafeMutableRawPointer(mutating: tag.baseAddress)
        guard EVP_CIPHER_CTX_ctrl(pointer, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), copy) == 1 else {
            throw LibCrypto.failure(AESGCM.name)
        }
        let isAuthentic = end()
        ERR_clear_error()
        return isAuthentic
    }

    /// Writes no bytes: in this mode nothing is held back.
    private func end() -> Bool {
        var rest: (UInt64, UInt64) = (0, 0)
        var length: Int32 = 0
        return withUnsafeMutableBytes(of: &rest) { rest in
            EVP_CipherFinal_ex(pointer, rest.baseAddress?.assumingMemoryBound(to: UInt8.self), &length) == 1
        }
    }

    private func size(_ count: Int) throws(CryptographyError) -> Int32 {
        guard let size = Int32(exactly: count) else {
            throw CryptographyError(.tooLarge, AESGCM.name, "\(count) bytes; at most \(Int32.max) are sealed at once")
        }
        return size
    }
}
