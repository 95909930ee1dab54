/// From the text of a file to tokens that fit a schema.
enum SourceText {
    static func read(
        _ text: String, file: String, schema: Schema, root type: String, limits: YAMLReader.Limits
    ) -> (root: TemplateToken?, diagnostics: [Diagnostic]) {
        var token: TemplateToken?
        do throws(YAMLReader.Fault) {
            token = try YAMLReader.read(text, limits: limits)
        } catch {
            var diagnostic = Diagnostic(
                code: error.code, message: error.message, file: file, at: error.position)
            diagnostic.isFileWide = true
            return (nil, [diagnostic])
        }
        // Taken, so that the reader is its only owner and changes it in place.
        guard var root = token.take() else {
            let diagnostic = Diagnostic(
                code: "empty-file", message: "Expected a scalar value, a sequence, or a mapping", file: file,
                at: SourcePosition(line: 1, column: 1))
            return (nil, [diagnostic])
        }
        var reader = TemplateReader(schema: schema, file: file)
        reader.read(&root, as: type)
        return (root, reader.diagnostics.distinct())
    }

    /// Places the first byte that is no UTF-8.
    static func notUTF8(_ file: String, _ bytes: [UInt8]) -> Diagnostic {
        var good = 0
        var step = bytes.count
        // The longest valid prefix, by halving.
        while step > 0 {
            while good + step <= bytes.count, String(validating: bytes[..<(good + step)], as: UTF8.self) != nil {
                good += step
            }
            step /= 2
        }
        let position = SourcePosition(line: 1, column: 1).advanced(over: bytes[..<good])
        return Diagnostic(code: "not-utf8", message: "The file is not UTF-8 text", file: file, at: position)
    }
}
