/// Why something was not sealed, opened or derived. No part of it ever holds plaintext or bytes of a key.
public struct CryptographyError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable {
        // The root key; found at start.
        /// The key is not the one that this installation's keys are wrapped by.
        case wrongKey = "wrong_key"
        /// No key is configured, or its file or variable does not exist; also a record under a term that is not at hand.
        case keyMissing = "key_missing"
        /// The key was this installation's before the last `rekey`.
        case keyOutdated = "key_outdated"
        /// More than one source of the root key is configured.
        case keyAmbiguous = "key_ambiguous"
        /// Others than the owner may read the key file, or another user owns it.
        case keyFilePermissions = "key_file_permissions"
        /// A key file is never replaced.
        case keyFileExists = "key_file_exists"
        /// The system refused to read or write the key file.
        case keyFileAccess = "key_file_access"

        // What is to be sealed or opened.
        /// Not of the form that it must have.
        case malformed
        /// Changed, moved from another place, or sealed under another key.
        case authenticationFailed = "authentication_failed"
        /// More than the format or the algorithm takes.
        case tooLarge = "too_large"

        // The library.
        /// The system's source of random numbers failed; nothing was sealed.
        case randomFailed = "random_failed"
        case outOfMemory = "out_of_memory"
        /// libcrypto or libargon2 refused a call that it should know.
        case libraryFailed = "library_failed"
    }

    public var code: Code
    /// What the call was about: `key file /var/lib/plue/root.key`, `secret TOKEN of repository 7, version 2`.
    public var subject: String
    /// What is wrong and what to do about it.
    public var message: String

    public init(_ code: Code, _ subject: String, _ message: String) {
        self.code = code
        self.subject = subject
        self.message = message
    }

    public var description: String { "\(subject): \(message)" }
}
