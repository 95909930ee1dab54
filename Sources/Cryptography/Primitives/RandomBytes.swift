internal import COpenSSL

/// Unpredictable bytes from libcrypto's generator (`RAND_bytes`, NIST SP 800-90A), which the kernel seeds.
public enum RandomBytes {
    /// Throws `randomFailed`; the buffer must not be used then.
    public static func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(CryptographyError) {
        try LibCrypto.prepare()
        guard let base = buffer.baseAddress, !buffer.isEmpty else { return }
        guard let count = Int32(exactly: buffer.count), RAND_bytes(base.assumingMemoryBound(to: UInt8.self), count) == 1
        else {
            ERR_clear_error()
            throw CryptographyError(
                .randomFailed, "random numbers",
                "the system's source failed, nothing was written; check that getrandom or /dev/urandom works here")
        }
    }

    /// For nonces, salts and identifiers, which are no secrets.
    public static func bytes(_ count: Int) throws(CryptographyError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var result: Result<Void, CryptographyError> = .success(())
        bytes.withUnsafeMutableBytes { buffer in
            result = Result { () throws(CryptographyError) in try fill(buffer) }
        }
        try result.get()
        return bytes
    }

    /// For keys.
    public static func secret(_ count: Int) throws(CryptographyError) -> SecretBytes {
        try SecretBytes(count: count) { (buffer) throws(CryptographyError) in try fill(buffer) }
    }
}
