internal import Glibc

/// A file that holds a key or a passphrase.
public enum PrivateFile {
    /// Throws `key_file_permissions` unless it is this process's user's and nobody else may touch it. What is no regular
    /// file (a FIFO, as `<(pass plue)` gives) keeps nothing that others could read.
    public static func check(_ path: String) throws(CryptographyError) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        try check(status, "file \(path)", path)
    }

    /// Owner and mode (0600 or 0400) of a file, which `subject` names.
    static func check(_ status: stat, _ subject: String, _ path: String) throws(CryptographyError) {
        guard status.st_uid == geteuid() else {
            throw CryptographyError(
                .keyFilePermissions, subject,
                "user \(status.st_uid) owns it and user \(geteuid()) runs plue; run: chown \(geteuid()) \(path)")
        }
        let mode = status.st_mode & 0o7777
        guard mode & ~0o600 == 0 else {
            throw CryptographyError(
                .keyFilePermissions, subject,
                "its mode is 0\(String(mode, radix: 8)), others may have read it; run: chmod 600 \(path)")
        }
    }
}
