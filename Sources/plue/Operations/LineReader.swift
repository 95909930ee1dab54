internal import Glibc

/// The lines of a file, one at a time, without their line feeds.
final class LineReader: IteratorProtocol {
    private let stream: UnsafeMutablePointer<FILE>
    private let limit: Int
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    /// What of the buffer was not given out yet.
    private var rest = 0..<0

    /// Of a line that is longer than `limit` its first `limit + 1` bytes are given, then nothing more.
    /// Throws ``CommandError``.
    init(_ path: String, limit: Int) throws {
        guard let stream = fopen(path, "re") else {
            throw CommandError(ExitStatus.usage, "\(path): \(String(cString: strerror(errno)))")
        }
        self.stream = stream
        self.limit = limit
    }

    deinit { fclose(stream) }

    func next() -> [UInt8]? {
        var line: [UInt8] = []
        var isEnd = true
        while line.count <= limit {
            if rest.isEmpty {
                rest = 0..<fread(&buffer, 1, buffer.count, stream)
                if rest.isEmpty { return isEnd ? nil : line }
            }
            isEnd = false
            let end = buffer[rest].firstIndex(of: UInt8(ascii: "\n"))
            line += buffer[rest.lowerBound..<(end ?? rest.upperBound)]
            rest = (end.map { $0 + 1 } ?? rest.upperBound)..<rest.upperBound
            if end != nil, line.count <= limit { return line }
        }
        rest = 0..<0
        fseek(stream, 0, SEEK_END)
        return Array(line.prefix(limit + 1))
    }
}
