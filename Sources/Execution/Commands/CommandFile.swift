/// The files through which a step sets values: `GITHUB_ENV`, `GITHUB_OUTPUT`, `GITHUB_STATE`.
enum CommandFile {
    /// Pairs in order: `name=value`, or `name<<DELIMITER`, lines, `DELIMITER`. Carriage returns are kept. Throws when a
    /// delimiter is missing or a line has neither form.
    static func parse(_ content: [UInt8]) throws(ExecutionError) -> [(name: String, value: String)] {
        var rest = withoutMark(content)
        var pairs: [(name: String, value: String)] = []
        while let line = nextLine(&rest) {
            if line.text.isEmpty { continue }
            let text = String(decoding: line.text, as: UTF8.self)
            let equals = line.text.firstIndex(of: UInt8(ascii: "="))
            let heredoc = firstHeredoc(in: line.text)
            if let equals, heredoc.map({ equals < $0 }) ?? true {
                pairs.append((try name(line.text[..<equals], text), decode(line.text[(equals + 1)...])))
            } else if let heredoc {
                let name = try name(line.text[..<heredoc], text)
                let delimiter = line.text[(heredoc + 2)...]
                if delimiter.isEmpty { throw invalid(text) }
                pairs.append((name, try value(upTo: delimiter, &rest)))
            } else {
                throw invalid(text)
            }
        }
        return pairs
    }

    /// Entries of `GITHUB_PATH`, a line each; any line break ends one.
    static func paths(_ content: [UInt8]) -> [String] {
        withoutMark(content).split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.map { decode($0) }
    }

    private static func withoutMark(_ content: [UInt8]) -> ArraySlice<UInt8> {
        content.starts(with: [0xef, 0xbb, 0xbf] as [UInt8]) ? content.dropFirst(3) : content[...]
    }

    private static func value(
        upTo delimiter: ArraySlice<UInt8>, _ rest: inout ArraySlice<UInt8>
    ) throws(ExecutionError) -> String {
        var value: [UInt8] = []
        var pendingBreak = false
        while let line = nextLine(&rest) {
            if line.text == delimiter { return String(decoding: value, as: UTF8.self) }
            if pendingBreak { value.append(UInt8(ascii: "\n")) }
            value += line.text
            pendingBreak = true
            if !line.isTerminated {
                throw ExecutionError("Invalid value. EOF marker missing new line.")
            }
        }
        let name = decode(delimiter)
        throw ExecutionError("Invalid value. Matching delimiter not found '\(name)'")
    }

    private static func nextLine(_ rest: inout ArraySlice<UInt8>) -> (text: ArraySlice<UInt8>, isTerminated: Bool)? {
        guard !rest.isEmpty else { return nil }
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
            defer { rest = rest[rest.endIndex...] }
            return (rest, false)
        }
        defer { rest = rest[(end + 1)...] }
        return (rest[..<end], true)
    }

    private static func firstHeredoc(in line: ArraySlice<UInt8>) -> Int? {
        line.indices.dropLast().first { line[$0] == UInt8(ascii: "<") && line[$0 + 1] == UInt8(ascii: "<") }
    }

    private static func name(_ bytes: ArraySlice<UInt8>, _ line: String) throws(ExecutionError) -> String {
        if bytes.isEmpty { throw invalid(line) }
        return decode(bytes)
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func invalid(_ line: String) -> ExecutionError {
        ExecutionError("Invalid format '\(line)'")
    }
}
