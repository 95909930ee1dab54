internal import COpenSSL

/// The library's state.
enum LibCrypto {
    /// Ready without reading the machine's `openssl.cnf`, which could replace algorithms, and without cleaning up at
    /// exit, which other threads may still be running into.
    private static let isReady =
        OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT), nil) == 1

    /// To be called before the first use of any function that needs an initialised library.
    static func prepare() throws(CryptographyError) {
        guard isReady else {
            throw CryptographyError(.libraryFailed, "libcrypto", "it cannot be initialised; check the installation")
        }
    }

    /// The error of a call that just failed, with the library's own reason; its queue is empty afterwards.
    static func failure(_ algorithm: String) -> CryptographyError {
        let reason = ERR_reason_error_string(ERR_peek_last_error()).map { String(cString: $0) }
        ERR_clear_error()
        return CryptographyError(
            .libraryFailed, algorithm, "libcrypto refused the call (\(reason ?? "no reason given")); report this")
    }
}
