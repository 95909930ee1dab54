internal import Glibc
public import Services

/// The trees that a file of checkpoints tells, one at a time; what is not of the log is passed over and counted.
public final class CheckpointNotes: IteratorProtocol {
    /// Notes that were cut off, damaged, or are something else.
    public private(set) var torn = 0
    /// Notes of another log.
    public private(set) var foreign = 0
    /// Whose those are; of the first.
    public private(set) var foreignOrigin: String?
    /// Notes in the log's name that no key of it signed.
    public private(set) var unsigned = 0
    /// All that were passed over.
    public var refused: Int { torn + foreign + unsigned }

    public let path: String
    private let keys: [NoteKey]
    private let origin: String?
    private let stream: UnsafeMutablePointer<FILE>
    private var line: UnsafeMutablePointer<CChar>?
    private var capacity = 0

    /// `origin` is the log's, `plue/audit/INSTALLATION`. Where it has no keys what is said in its name is taken as it
    /// stands: that there was a tree at all is then what is to be told. Throws ``ExecutionError`` when the file cannot be
    /// read.
    public init(_ path: String, keys: [NoteKey], origin: String? = nil) throws(ExecutionError) {
        guard let stream = fopen(path, "re") else { throw Files.failure("read", path) }
        self.path = path
        self.stream = stream
        self.keys = keys
        self.origin = origin ?? keys.first?.name
    }

    deinit {
        fclose(stream)
        free(line)
    }

    public func next() -> TreeCheckpoint? {
        while let text = nextText() {
            guard let note = try? SignedNote(text), let tree = try? TreeCheckpoint(note.text) else {
                torn += 1
                continue
            }
            guard tree.origin == origin else {
                foreign += 1
                foreignOrigin = foreignOrigin ?? tree.origin
                continue
            }
            if keys.isEmpty || keys.contains(where: { $0.name == tree.origin && note.isSigned(by: $0) }) { return tree }
            unsigned += 1
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
