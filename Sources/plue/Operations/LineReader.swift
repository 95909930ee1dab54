internal import Glibc

/// The lines of a file, one at a time, without their line feeds.
final class LineReader: IteratorProtocol {
    private let stream: UnsafeMutablePointer<FILE>
    private var buffer: UnsafeMutablePointer<CChar>?
    private var capacity = 0

    /// Throws ``CommandError``.
    init(_ path: String) throws {
        guard let stream = fopen(path, "re") else {
            throw CommandError(ExitStatus.usage, "\(path): \(String(cString: strerror(errno)))")
        }
        self.stream = stream
    }

    deinit {
        fclose(stream)
        free(buffer)
    }

    func next() -> [UInt8]? {
        let count = getline(&buffer, &capacity, stream)
        guard count > 0, let buffer else { return nil }
        let bytes = UnsafeRawBufferPointer(start: buffer, count: count)
        return Array(bytes.last == UInt8(ascii: "\n") ? UnsafeRawBufferPointer(rebasing: bytes.dropLast()) : bytes)
    }
}
