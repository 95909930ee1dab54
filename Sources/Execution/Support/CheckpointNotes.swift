internal import Glibc
public import Services

/// The trees that a file of checkpoints tells, one at a time; what no key signed is passed over and counted.
public final class CheckpointNotes: IteratorProtocol {
    /// Notes that cannot be read, are of another log or that no key signed.
    public private(set) var refused = 0
    private let keys: [NoteKey]
    private let stream: UnsafeMutablePointer<FILE>
    private var line: UnsafeMutablePointer<CChar>?
    private var capacity = 0

    /// Throws ``ExecutionError`` when the file cannot be read.
    public init(_ path: String, keys: [NoteKey]) throws(ExecutionError) {
        guard let stream = fopen(path, "re") else { throw Files.failure("read", path) }
        self.stream = stream
        self.keys = keys
    }

    deinit {
        fclose(stream)
        free(line)
    }

    public func next() -> TreeCheckpoint? {
        while let text = nextText() {
            if let note = try? SignedNote(text), let key = keys.first(where: { note.isSigned(by: $0) }),
                let tree = try? TreeCheckpoint(note.text), tree.origin == key.name
            {
                return tree
            }
            refused += 1
        }
        return nil
    }

    /// Text, an empty line, signatures; then an empty line that is no part of it. Two empty lines end what was cut off.
    private func nextText() -> String? {
        var text = ""
        var isSigned = false
        while getline(&line, &capacity, stream) > 0, let line {
            let next = String(cString: line)
            if next == "\n" {
                if isSigned || text.hasSuffix("\n\n") { return text }
                // Between notes.
                if text.isEmpty { continue }
            }
            if next.hasPrefix("— ") { isSigned = true }
            // Something else than a note is not collected for ever.
            if text.utf8.count < 65_536 { text += next }
        }
        return text.isEmpty ? nil : text
    }
}
