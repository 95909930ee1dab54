internal import Glibc
public import Services

/// The audit log's checkpoints outside of the database: signed notes one after another, an empty line after each, in a file
/// of the installation. Who can change the database alone cannot take them back.
public struct CheckpointFile: Sendable {
    public let path: String

    /// `origin` is the log's, `plue/audit/INSTALLATION`.
    public init(folder: String, origin: String) {
        path = "\(folder)/\(origin.split(separator: "/").last.map(String.init) ?? "audit")"
    }

    /// Adds a note, on the disk when this returns; false when the file knows a tree of that size or a larger one already.
    /// Any number of processes may do so at once. Throws ``ExecutionError``, also for a note that is no checkpoint.
    @discardableResult
    public func append(_ note: SignedNote) throws(ExecutionError) -> Bool {
        guard let tree = try? TreeCheckpoint(note.text) else { throw Files.failure("add no checkpoint to", path) }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try Files.makeDirectory(String(path[..<slash]))
        }
        let file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Files.failure("open", path) }
        defer { close(file) }
        guard flock(file, LOCK_EX) == 0 else { throw Files.failure("lock", path) }
        let end = lseek(file, 0, SEEK_END)
        let tail = tail(of: file, end)
        if let last = lastSize(in: tail, tree.origin), last >= tree.size { return false }
        // Two empty lines end what a crash cut off.
        let isSigned = tail.split(separator: "\n").last?.hasPrefix("— ") == true
        let isWhole = tail.isEmpty || isSigned && tail.hasSuffix("\n\n")
        let bytes = Array(((isWhole ? "" : "\n\n\n") + note.description + "\n").utf8)
        // One call: nobody sees half of it, and what a full disk cuts is taken back.
        let count = write(file, bytes, bytes.count)
        guard count == bytes.count else {
            let failure = Files.failure("write", path)
            if count > 0 { _ = ftruncate(file, end) }
            throw failure
        }
        guard fsync(file) == 0 else { throw Files.failure("sync", path) }
        return true
    }

    /// More than two notes.
    private func tail(of file: Int32, _ end: Int) -> String {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = pread(file, &buffer, buffer.count, max(0, end - buffer.count))
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }

    private func lastSize(in tail: String, _ origin: String) -> Int64? {
        let lines = tail.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.lastIndex(where: { $0 == origin }), start + 1 < lines.count else { return nil }
        return Int64(lines[start + 1])
    }
}
