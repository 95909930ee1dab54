/// Why the rules of a time zone cannot be had.
public enum ZoneError: Error, Sendable, Equatable {
    /// No name that the IANA database could have.
    case malformed(name: String)
    /// Not in the database; with the known name that is nearest.
    case unknown(name: String, nearest: String?)
    /// The machine has no time zone database.
    case noDatabase(name: String)
    /// The file of the zone is none, or says what cannot be.
    case damaged(name: String, reason: String)

    public var message: String {
        switch self {
        case .malformed(let name): "'\(name)' is no name of a time zone: expected one of IANA's, such as Europe/Berlin"
        case .unknown(let name, _): "There is no time zone '\(name)'"
        case .noDatabase(let name):
            "The times of '\(name)' are not known: this machine has no time zone database (Debian's package tzdata, "
                + "or a folder named by TZDIR)"
        case .damaged(let name, let reason): "The file of the time zone '\(name)' cannot be read: \(reason)"
        }
    }

    public var hint: String? {
        if case .unknown(_, let nearest?) = self { "did you mean '\(nearest)'?" } else { nil }
    }
}
