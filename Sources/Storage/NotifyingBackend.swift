/// A database that tells its clients what others say. Messages are hints: whoever listens looks again from time to time.
public protocol NotifyingBackend: StorageBackend {
    /// Sends `payload` soon to all who listen to `channel`, and returns at once. Equal messages that wait at the same
    /// time are sent once. Throws `invalidValue` for a channel or payload that is too long or holds a NUL.
    func notify(_ channel: String, _ payload: String) async throws

    /// What is sent to `channel` from now on; ends with `close()`.
    func listen(_ channel: String) async throws -> AsyncStream<StorageNotification>
}

public enum StorageNotification: Sendable, Hashable {
    case message(String)
    /// Messages may have been lost, as the connection was for a while: catch up.
    case reconnected
}
