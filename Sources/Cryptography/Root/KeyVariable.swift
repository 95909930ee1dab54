internal import COpenSSL
internal import Glibc

/// A root key in an environment variable.
enum KeyVariable {
    /// Reads the variable, overwrites its bytes where they stand, which is what `/proc/PID/environ` shows, and unsets
    /// it, so that no program that is started later gets it. It is gone also when it is malformed.
    static func take(_ name: String) throws(CryptographyError) -> SecretBytes {
        let subject = "environment variable \(name)"
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")), let value = getenv(name) else {
            throw CryptographyError(.keyMissing, subject, "it is not set; set it to the installation's root key")
        }
        defer { erase(name) }
        let text = UnsafeRawBufferPointer(start: value, count: strlen(value))
        guard let key = KeyText.decode(text) else {
            throw CryptographyError(
                .malformed, subject, "it must hold 64 hexadecimal digits, or 32 bytes in base64 (44 characters)")
        }
        return key
    }

    /// The variable's bytes, as `take` leaves it; nil when there are none.
    static func text(_ name: String) -> SecretBytes? {
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")), let value = getenv(name) else { return nil }
        defer { erase(name) }
        let count = strlen(value)
        return count == 0 ? nil : SecretBytes(copying: UnsafeRawBufferPointer(start: value, count: count))
    }

    /// Every entry of the name: a program may be started with several.
    private static func erase(_ name: String) {
        let prefix = name + "="
        var next = environ
        while let entry = next.pointee {
            next += 1
            guard strncmp(entry, prefix, prefix.utf8.count) == 0 else { continue }
            let value = entry + prefix.utf8.count
            OPENSSL_cleanse(value, strlen(value))
        }
        unsetenv(name)
    }
}
