internal import CArgon2

/// Argon2id, version 1.3 (RFC 9106): a key from a passphrase, at a cost that makes guessing expensive.
public enum Argon2id {
    public struct Parameters: Sendable, Hashable {
        /// In KiB.
        public var memory: UInt32
        public var passes: UInt32
        public var lanes: UInt32

        public init(memory: UInt32, passes: UInt32, lanes: UInt32) {
            self.memory = memory
            self.passes = passes
            self.lanes = lanes
        }

        /// Section 4, the second recommended option: m = 64 MiB, t = 3, p = 4.
        public static let recommended = Parameters(memory: 64 * 1024, passes: 3, lanes: 4)
    }

    /// Salt of the recommended options.
    public static let saltLength = 16

    /// `secret` and `additionalData` are the RFC's K and X. Takes the time and memory of the parameters on the calling
    /// thread and `lanes` others. Throws `outOfMemory`, and `malformed` for parameters outside the RFC's bounds.
    public static func derive(
        from passphrase: SecretBytes, salt: [UInt8], parameters: Parameters, count: Int = 32,
        secret: [UInt8] = [], additionalData: [UInt8] = []
    ) throws(CryptographyError) -> SecretBytes {
        guard let outputLength = UInt32(exactly: count), let passphraseLength = UInt32(exactly: passphrase.count),
            let saltLength = UInt32(exactly: salt.count), let secretLength = UInt32(exactly: secret.count),
            let dataLength = UInt32(exactly: additionalData.count)
        else { throw CryptographyError(.tooLarge, "Argon2id", "an input is longer than 4 GiB") }
        // The library asks for pointers to non-constant bytes; without flags it writes to the output only.
        var (salt, secret, additionalData) = (salt, secret, additionalData)
        return try SecretBytes(count: count) { (output) throws(CryptographyError) in
            let code = passphrase.withUnsafeBytes { passphrase in
                salt.withUnsafeMutableBufferPointer { salt in
                    secret.withUnsafeMutableBufferPointer { secret in
                        additionalData.withUnsafeMutableBufferPointer { data in
                            let pass = UnsafeMutableRawPointer(mutating: passphrase.baseAddress)
                            var context = Argon2_Context()
                            context.out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                            context.outlen = outputLength
                            context.pwd = pass?.assumingMemoryBound(to: UInt8.self)
                            context.pwdlen = passphraseLength
                            (context.salt, context.saltlen) = (salt.baseAddress, saltLength)
                            (context.secret, context.secretlen) = (secret.baseAddress, secretLength)
                            (context.ad, context.adlen) = (data.baseAddress, dataLength)
                            context.t_cost = parameters.passes
                            context.m_cost = parameters.memory
                            context.lanes = parameters.lanes
                            context.threads = parameters.lanes
                            context.version = UInt32(ARGON2_VERSION_13.rawValue)
                            return argon2_ctx(&context, Argon2_id)
                        }
                    }
                }
            }
            guard code == ARGON2_OK.rawValue else { throw failure(code, parameters) }
        }
    }

    private static func failure(_ code: Int32, _ parameters: Parameters) -> CryptographyError {
        let reason = argon2_error_message(code).map { String(cString: $0) } ?? "error \(code)"
        switch code {
        case ARGON2_MEMORY_ALLOCATION_ERROR.rawValue:
            return CryptographyError(
                .outOfMemory, "Argon2id", "it needs \(parameters.memory) KiB; stop other programs and try again")
        case ARGON2_THREAD_FAIL.rawValue:
            return CryptographyError(
                .libraryFailed, "Argon2id", "it needs \(parameters.lanes) threads; raise the limit of processes")
        default: return CryptographyError(.malformed, "Argon2id", "the parameters are refused: \(reason)")
        }
    }
}
