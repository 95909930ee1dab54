internal import Hashing

/// The text of a job's token: `pluej_` and 256 random bits. Only its digest is stored.
struct JobTokenText {
    private static let prefix = "pluej_"
    private static let length = 70

    let text: String

    init() {
        text = Self.prefix + RunnerService.secret()
    }

    /// Nil for what cannot be a token.
    init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), text.utf8.count == Self.length else { return nil }
        self.text = text
    }

    var sha256: String { SHA256.hex(of: text) }

    /// By which the audit log knows the token of that digest: too little of it to stand for the token.
    static func id(_ sha256: String) -> String { String(sha256.prefix(16)) }
}
