internal import Model

/// The bytes of a log chunk: a line each, `STEP STREAM MICROSECONDS TEXT\n`. A line that is longer than a chunk was
/// divided before it came here.
enum LogCodec {
    static let chunkLimit = 65_536

    static func append(_ line: LogLine, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: String(line.step).utf8)
        bytes.append(UInt8(ascii: " "))
        bytes.append(letter(line.stream))
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: String(line.microseconds).utf8)
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: line.text.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }

    static func lines(_ bytes: [UInt8]) -> [LogLine] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true).compactMap { record in
            let parts = record.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, let step = Int64(String(decoding: parts[0], as: UTF8.self)),
                let time = Int64(String(decoding: parts[2], as: UTF8.self)), let letter = parts[1].first,
                let stream = stream(letter)
            else { return nil }
            return LogLine(
                step: step, stream: stream, microseconds: time, text: String(decoding: parts[3], as: UTF8.self))
        }
    }

    private static func letter(_ stream: LogLine.Stream) -> UInt8 {
        switch stream {
        case .stdout: UInt8(ascii: "o")
        case .stderr: UInt8(ascii: "e")
        case .system: UInt8(ascii: "s")
        }
    }

    private static func stream(_ letter: UInt8) -> LogLine.Stream? {
        switch letter {
        case UInt8(ascii: "o"): .stdout
        case UInt8(ascii: "e"): .stderr
        case UInt8(ascii: "s"): .system
        default: nil
        }
    }
}
