import PostgresStorage
import Storage
import TestDatabases
import Testing

/// No error shows a part of a password, however it was written into the connection string.
@Suite(.enabled(if: TestServer.isExpected)) struct PostgresPasswordTests {
    /// Bare special characters: libpq takes what follows them for a host, a port or a database, and names it.
    @Test(arguments: [
        "postgres://u:x@hunter2@h/db", "postgres://u:x/hunter2@h/db", "postgres://u:hunter2/x@h/db",
        "postgres://u:hunter2@x@h", "postgres://u:hunter2%x@h/db", "postgres://u:x?hunter2/x@h/db",
        "postgres://u:hunter2?x/x@h/db", "postgres://u@x:hunter2@h/db", "postgresql://u:1/hunter2@h",
        "postgres://u:x@hunter2:1@127.0.0.1:1/db", "postgres://u:#hunter2/@h", "host=h password=x hunter2",
    ])
    func bareCharacters(string: String) async throws {
        await #expect { try await PostgresStorage.open(string) } throws: { error in
            let error = error as? StorageError
            return error?.code == .unavailable && error?.message.contains("%XX") == true
                && !"\(error?.message ?? "") \(error?.subject ?? "")".contains("hunter2")
        }
    }

    /// Written as it must be; a user may be given after the address, with an `@` as some providers have it.
    @Test(arguments: [
        "postgres://u:hunter%402@127.0.0.1:1/db", "postgres://u:hunter%2F2@127.0.0.1:1/db",
        "postgres://u:hunter%252@127.0.0.1:1/db", "postgres://127.0.0.1:1/db?user=me@place&password=hunter@2",
        "postgres://u:hunter?2@127.0.0.1:1/db", "host=127.0.0.1 port=1 password=hunter/2",
    ])
    func escapedCharacters(string: String) async throws {
        var options = PostgresOptions()
        options.retryDeadline = .milliseconds(100)
        await #expect { try await PostgresStorage.open(string, options: options) } throws: { error in
            let error = error as? StorageError
            return error?.code == .unavailable && error?.message.contains("127.0.0.1") == true
                && error?.message.contains("hunter") == false
        }
    }
}
