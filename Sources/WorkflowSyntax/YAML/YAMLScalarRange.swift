internal import CLibYAML

/// From where to where a scalar stands in its file: a `#` inside begins no comment.
struct YAMLScalarRange {
    var start: SourcePosition
    /// Behind the last character; for a block, the start of the line behind it.
    var end: SourcePosition

    private let isBlock: Bool

    /// Its last line.
    var lastLine: Int { end.column == 1 && end.line > start.line ? end.line - 1 : end.line }

    /// Whether its text goes over the place. The head of a block, `|` and what stands beside it, is not its text.
    func contains(_ place: SourcePosition) -> Bool {
        start <= place && place < end && !(isBlock && place.line == start.line)
    }

    /// Those of a text, in its order; up to the first fault of one that is no YAML.
    static func all(in text: String) -> [YAMLScalarRange] {
        var text = text
        return text.withUTF8 { bytes in
            var parser = yaml_parser_t()
            guard yaml_parser_initialize(&parser) == 1 else { return [] }
            defer { yaml_parser_delete(&parser) }
            yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
            var ranges: [YAMLScalarRange] = []
            while true {
                var event = yaml_event_t()
                guard yaml_parser_parse(&parser, &event) == 1 else { return ranges }
                defer { yaml_event_delete(&event) }
                if event.type == YAML_STREAM_END_EVENT { return ranges }
                guard event.type == YAML_SCALAR_EVENT else { continue }
                let style = event.data.scalar.style
                ranges.append(
                    YAMLScalarRange(
                        start: SourcePosition(line: event.start_mark.line + 1, column: event.start_mark.column + 1),
                        end: SourcePosition(line: event.end_mark.line + 1, column: event.end_mark.column + 1),
                        isBlock: style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE))
            }
        }
    }
}
