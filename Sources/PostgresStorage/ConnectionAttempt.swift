import CLibPQ
import Glibc
import Storage

/// One attempt to connect, on the calling thread.
struct ConnectionAttempt {
    struct Failure: Error {
        let error: StorageError
        /// The server may be starting, or full for a moment: worth another attempt.
        let isTransient: Bool
    }

    let connectionString: String
    let options: PostgresOptions

    func run() throws(Failure) -> PostgresSession {
        if let problem = plue_pq_load() {
            throw Failure(error: StorageError(.unavailable, String(cString: problem)), isTransient: false)
        }
        let password = try checkString()
        // Before `dbname`: the connection string has the last word. After it: nothing but UTF-8 will do.
        let pairs = [
            ("application_name", options.applicationName),
            // A peer that is silently gone is noticed in a minute; the system's default is two hours.
            ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "60000"), ("dbname", connectionString), ("client_encoding", "UTF8"),
        ]
        guard let connection = start(pairs) else {
            throw Failure(error: StorageError(.outOfMemory, "no memory for a connection"), isTransient: false)
        }
        _ = plue_PQsetErrorVerbosity(connection, Int32(PLUE_ERRORS_VERBOSE))
        plue_pq_drop_notices(connection)
        guard poll(connection) else {
            let text = plue_PQerrorMessage(connection).map { String(cString: $0) } ?? ""
            let failure = failure(
                plue_PQstatus(connection) == Int32(PLUE_CONNECTION_BAD) ? text : "", password, place(connection))
            plue_PQfinish(connection)
            throw failure
        }
        return PostgresSession(connection, place: place(connection))
    }

    /// Reads the string as libpq will, and returns its password so that no message shows it. Of a string that cannot be
    /// read nothing is shown: a part of it may be the password.
    private func checkString() throws(Failure) -> String? {
        let isString = connectionString.contains("=") || connectionString.contains("://")
        guard isString, !connectionString.utf8.contains(0), !Self.isAmbiguous(connectionString) else {
            throw Failure(error: StorageError(.unavailable, Self.unreadable), isTransient: false)
        }
        var words: UnsafeMutablePointer<CChar>?
        guard let parsed = plue_PQconninfoParse(connectionString, &words) else {
            plue_PQfreemem(words)
            throw Failure(error: StorageError(.unavailable, Self.unreadable), isTransient: false)
        }
        defer { plue_PQconninfoFree(parsed) }
        var option = parsed
        while let keyword = option.pointee.keyword {
            if String(cString: keyword) == "password", let value = option.pointee.val { return String(cString: value) }
            option += 1
        }
        return nil
    }

    /// Whether libpq may take a part of the password of a URL for its host, port or database, and then names it: with a
    /// bare `/` there is no user to it, with a bare `@` the host begins too early.
    private static func isAmbiguous(_ string: String) -> Bool {
        guard let scheme = string.firstRange(of: "://"), string.hasPrefix("postgres") else { return false }
        let rest = string[scheme.upperBound...]
        let end = rest.firstIndex { $0 == "@" || $0 == "/" } ?? rest.endIndex
        let place = rest[end...].dropFirst().prefix { $0 != "?" }
        return place.contains("@")
    }

    private static let unreadable =
        "the database's connection string cannot be read: write postgres://user:password@host:5432/database (with"
        + " %XX for special characters), or host=… port=… user=… dbname=…"

    private func start(_ pairs: [(String, String)]) -> OpaquePointer? {
        let keywords = pairs.map { strdup($0.0) }
        let values = pairs.map { strdup($0.1) }
        defer { for text in keywords + values { free(text) } }
        return plue_PQconnectStartParams(
            keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 1)
    }

    /// False after a failure, or when the time is over.
    private func poll(_ connection: OpaquePointer) -> Bool {
        let deadline = ContinuousClock.now + options.connectTimeout
        var state = Int32(PLUE_POLLING_WRITING)
        guard plue_PQstatus(connection) != Int32(PLUE_CONNECTION_BAD) else { return false }
        while state != Int32(PLUE_POLLING_OK) {
            guard state != Int32(PLUE_POLLING_FAILED) else { return false }
            let left = (deadline - ContinuousClock.now) / .milliseconds(1)
            guard left > 0 else { return false }
            let events = state == Int32(PLUE_POLLING_READING) ? POLLIN : POLLOUT
            var entry = pollfd(fd: plue_PQsocket(connection), events: Int16(events), revents: 0)
            let ready = Glibc.poll(&entry, 1, Int32(min(left.rounded(.up), 3_600_000)))
            if ready < 0, errno != EINTR { return false }
            if ready > 0 { state = plue_PQconnectPoll(connection) }
        }
        return true
    }

    private func place(_ connection: OpaquePointer) -> String {
        let host = plue_PQhost(connection).map { String(cString: $0) } ?? ""
        let port = plue_PQport(connection).map { String(cString: $0) } ?? ""
        return (host.isEmpty ? "localhost" : host) + ":" + (port.isEmpty ? "5432" : port)
    }

    /// libpq gives a failed connection's SQLSTATE in its words only: `FATAL:  28P01: password …`, `LOCATION: …`.
    private func failure(_ text: String, _ password: String?, _ place: String) -> Failure {
        guard !text.isEmpty else {
            let words = "the database server \(place) gave no answer within \(options.connectTimeout)"
            return Failure(error: StorageError(.unavailable, subject: place, words), isTransient: true)
        }
        var words = String(text.prefix { $0 != "\n" })
        var state = ""
        if let mark = words.firstRange(of: ":  "), words[mark.upperBound...].dropFirst(5).hasPrefix(": ") {
            state = String(words[mark.upperBound...].prefix(5))
            let rest = words[mark.upperBound...].dropFirst(7)
            words = words[..<mark.lowerBound] + ": " + rest
        }
        if let password, !password.isEmpty {
            words = words.split(separator: password, omittingEmptySubsequences: false).joined(separator: "***")
        }
        switch state {
        case "":
            let passing = [
                "refused", "No such file", "timed out", "timeout", "reset", "closed", "nreachable", "No route",
                "could not receive", "Broken pipe", "aborted",
            ]
            return Failure(
                error: StorageError(
                    .unavailable, subject: place,
                    "\(words). Is the database server \(place) running, and are host and port right?"),
                isTransient: passing.contains { words.contains($0) })
        case "53300":
            return Failure(
                error: StorageError(.unavailable, subject: place, PostgresFailure.tooMany), isTransient: true)
        case _ where state.hasPrefix("28"), "42501":
            return Failure(error: StorageError(.permission, subject: place, words), isTransient: false)
        default:
            return Failure(
                error: StorageError(.unavailable, subject: place, words),
                isTransient: state.hasPrefix("57P") || state.hasPrefix("53"))
        }
    }
}
