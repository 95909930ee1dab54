internal import CLibYAML

/// Reads one YAML document into located tokens: libyaml's events, scalars resolved by the YAML 1.2 core schema,
/// anchors replayed with caps, no merge keys. Expressions and keys are the schema reader's business.
package struct YAMLReader {
    package struct Limits {
        /// Bytes of the text.
        var size = 1 << 20
        /// Nested collections, aliases expanded.
        var depth = 50
        var aliases = 1_000
        /// Nodes, aliases expanded.
        var nodes = 100_000
    }

    /// Why a text was refused.
    package struct Fault: Error {
        var code: String
        var message: String
        var position: SourcePosition
    }

    private struct Anchor {
        var token: TemplateToken
        var nodes: Int
        var height: Int
    }

    /// A collection that is still open.
    private struct Frame {
        var position: SourcePosition
        var anchor: String?
        /// Nodes read before it.
        var start: Int
        var height = 1
        var isMapping: Bool
        /// Where its pairs or items begin among those of all open collections.
        var first: Int
        /// Whether the last pair waits for its value.
        var hasKey = false
    }

    private let limits: Limits
    private var frames: [Frame] = []
    private var items: [TemplateToken] = []
    private var pairs: [TemplateToken.Pair] = []
    private var anchors: [String: Anchor] = [:]
    private var nodes = 0
    private var aliases = 0
    private var root: TemplateToken?

    private init(_ limits: Limits) {
        self.limits = limits
        frames.reserveCapacity(16)
        pairs.reserveCapacity(64)
        items.reserveCapacity(32)
    }

    /// - Returns: nil for a text without a document.
    package static func read(_ text: String, limits: Limits = Limits()) throws(Fault) -> TemplateToken? {
        var text = text
        // A byte order mark is no text.
        if text.unicodeScalars.first == "\u{feff}" { text.unicodeScalars.removeFirst() }
        let result = text.withUTF8 { bytes -> Result<TemplateToken?, Fault> in
            var reader = YAMLReader(limits)
            do throws(Fault) {
                return .success(try reader.run(bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private mutating func run(_ bytes: UnsafeBufferPointer<UInt8>) throws(Fault) -> TemplateToken? {
        if bytes.count > limits.size {
            throw Fault(
                code: "file-too-large", message: "Maximum file size of \(limits.size) bytes exceeded",
                position: SourcePosition(line: 1, column: 1))
        }
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else {
            throw Fault(
                code: "yaml-syntax", message: "Out of memory", position: SourcePosition(line: 1, column: 1))
        }
        defer { yaml_parser_delete(&parser) }
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
        var documents = 0
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(&parser, &event) == 1 else { throw Self.fault(of: parser, bytes) }
            defer { yaml_event_delete(&event) }
            switch event.type {
            case YAML_STREAM_END_EVENT: return root
            case YAML_DOCUMENT_START_EVENT:
                documents += 1
                if documents > 1 {
                    throw Fault(
                        code: "yaml-documents", message: "Only one document is allowed in a file",
                        position: Self.position(event.start_mark))
                }
            default: try handle(&event)
            }
        }
    }

    private mutating func handle(_ event: inout yaml_event_t) throws(Fault) {
        let position = Self.position(event.start_mark)
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let token = TemplateToken(
                try YAMLScalar.resolve(
                    Self.text(scalar.value, scalar.length), tag: Self.text(scalar.tag), style: scalar.style,
                    at: position),
                at: position)
            try count(1, at: position)
            if let anchor = Self.text(scalar.anchor) {
                anchors[anchor] = Anchor(token: token, nodes: 1, height: 0)
            }
            append(token, height: 0)
        case YAML_ALIAS_EVENT: try alias(Self.text(event.data.alias.anchor) ?? "", at: position)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            try Self.check(tag: Self.text(start.tag), is: "seq", at: position)
            try open(Self.text(start.anchor), isMapping: false, at: position)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            try Self.check(tag: Self.text(start.tag), is: "map", at: position)
            try open(Self.text(start.anchor), isMapping: true, at: position)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: close()
        default: break
        }
    }

    // MARK: - Collections

    private mutating func open(_ anchor: String?, isMapping: Bool, at position: SourcePosition) throws(Fault) {
        try check(depth: frames.count + 1, at: position)
        if expectsKey {
            throw Fault(code: "yaml-key", message: "A mapping key must be a scalar", position: position)
        }
        try count(1, at: position)
        frames.append(
            Frame(
                position: position, anchor: anchor, start: nodes - 1, isMapping: isMapping,
                first: isMapping ? pairs.count : items.count))
    }

    private mutating func close() {
        guard let frame = frames.popLast() else { return }
        let kind: TemplateToken.Kind
        if frame.isMapping {
            kind = .mapping(Array(pairs[frame.first...]))
            pairs.removeLast(pairs.count - frame.first)
        } else {
            kind = .sequence(Array(items[frame.first...]))
            items.removeLast(items.count - frame.first)
        }
        let token = TemplateToken(kind, at: frame.position)
        if let anchor = frame.anchor {
            anchors[anchor] = Anchor(token: token, nodes: nodes - frame.start, height: frame.height)
        }
        append(token, height: frame.height)
    }

    private mutating func append(_ token: consuming TemplateToken, height: Int) {
        guard !frames.isEmpty else {
            root = token
            return
        }
        let last = frames.count - 1
        frames[last].height = max(frames[last].height, height + 1)
        if !frames[last].isMapping {
            items.append(token)
        } else if frames[last].hasKey {
            pairs[pairs.count - 1].value = token
            frames[last].hasKey = false
        } else {
            let missing = TemplateToken(.null, at: token.position)
            pairs.append(TemplateToken.Pair(key: token, value: missing))
            frames[last].hasKey = true
        }
    }

    private var expectsKey: Bool {
        if let last = frames.last { last.isMapping && !last.hasKey } else { false }
    }

    private mutating func alias(_ name: String, at position: SourcePosition) throws(Fault) {
        guard let anchor = anchors[name] else {
            throw Fault(code: "yaml-anchor", message: "Unknown anchor '\(name)'", position: position)
        }
        aliases += 1
        if aliases > limits.aliases {
            throw Fault(
                code: "yaml-aliases", message: "More than \(limits.aliases) aliases", position: position)
        }
        if anchor.height > 0, expectsKey {
            throw Fault(code: "yaml-key", message: "A mapping key must be a scalar", position: position)
        }
        try check(depth: frames.count + anchor.height, at: position)
        try count(anchor.nodes, at: position)
        append(anchor.token, height: anchor.height)
    }

    // MARK: - Limits

    private func check(depth: Int, at position: SourcePosition) throws(Fault) {
        if depth > limits.depth {
            throw Fault(code: "yaml-depth", message: "Maximum object depth exceeded", position: position)
        }
    }

    private mutating func count(_ added: Int, at position: SourcePosition) throws(Fault) {
        nodes += added
        if nodes > limits.nodes {
            throw Fault(
                code: "yaml-nodes", message: "Maximum of \(limits.nodes) nodes exceeded", position: position)
        }
    }

    private static func check(tag: String?, is name: String, at position: SourcePosition) throws(Fault) {
        guard let tag, tag != "!", tag != YAMLScalar.prefix + name else { return }
        throw Fault(code: "yaml-tag", message: "Unexpected tag '\(tag)'", position: position)
    }

    // MARK: - libyaml

    private static func position(_ mark: yaml_mark_t) -> SourcePosition {
        SourcePosition(line: mark.line + 1, column: mark.column + 1)
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        guard let pointer else { return nil }
        return String(cString: pointer)
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?, _ length: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: pointer, count: length), as: UTF8.self)
    }

    private static func fault(of parser: yaml_parser_t, _ bytes: UnsafeBufferPointer<UInt8>) -> Fault {
        var message = parser.problem.map { String(cString: $0) } ?? "The text is no YAML"
        var position = Self.position(parser.problem_mark)
        if let context = parser.context {
            let begin = Self.position(parser.context_mark)
            let place = begin < position ? " that begins at \(begin.line):\(begin.column)" : ""
            message = String(cString: context) + place + ", " + message
        }
        if parser.error == YAML_READER_ERROR {
            // The reader knows an offset only.
            position = SourcePosition(line: 1, column: 1).advanced(over: bytes.prefix(parser.problem_offset))
            message += parser.problem_value >= 0 ? " (value \(parser.problem_value))" : ""
        }
        return Fault(code: "yaml-syntax", message: message, position: position)
    }
}
