internal import CLibYAML

/// Scalars by the YAML 1.2 core schema. Only plain ones resolve: `on`, `yes` and `0777` mean no more than they say.
enum YAMLScalar {
    static let prefix = "tag:yaml.org,2002:"

    static func resolve(
        _ text: String, tag: String?, style: yaml_scalar_style_t, at position: SourcePosition
    ) throws(YAMLReader.Fault) -> TemplateToken.Kind {
        guard let tag else { return style == YAML_PLAIN_SCALAR_STYLE ? plain(text) : .string(text) }
        switch tag {
        case "!", prefix + "str": return .string(text)
        case prefix + "null", prefix + "bool", prefix + "int", prefix + "float": break
        default:
            throw YAMLReader.Fault(code: "yaml-tag", message: "Unexpected tag '\(tag)'", position: position)
        }
        guard style == YAML_PLAIN_SCALAR_STYLE else {
            throw YAMLReader.Fault(
                code: "yaml-tag",
                message: "The scalar style '\(name(of: style))' on line \(position.line) and column "
                    + "\(position.column) is not valid with the tag '\(tag)'",
                position: position)
        }
        let kind = plain(text)
        switch (tag.dropFirst(prefix.count), kind) {
        case ("null", .null), ("bool", .boolean), ("float", .number): return kind
        case ("int", .number) where integer(Array(text.utf8)) != nil: return kind
        default:
            throw YAMLReader.Fault(
                code: "yaml-tag",
                message: "The value '\(text)' on line \(position.line) and column \(position.column) is invalid for "
                    + "the type '\(tag)'",
                position: position)
        }
    }

    static func plain(_ text: String) -> TemplateToken.Kind {
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"):
            if text == "null" || text == "~" || text == "Null" || text == "NULL" { return .null }
        case UInt8(ascii: "t"), UInt8(ascii: "T"):
            if text == "true" || text == "True" || text == "TRUE" { return .boolean(true) }
        case UInt8(ascii: "f"), UInt8(ascii: "F"):
            if text == "false" || text == "False" || text == "FALSE" { return .boolean(false) }
        case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            if let number = number(text) { return .number(number) }
        default: break
        }
        return .string(text)
    }

    private static func number(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        if let value = integer(bytes) { return value }
        switch text {
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .infinity
        case "-.inf", "-.Inf", "-.INF": return -.infinity
        case ".nan", ".NaN", ".NAN": return .nan
        default: break
        }
        guard NumberText.isDecimal(bytes[...]) else { return nil }
        return overflowing(text)
    }

    /// `[-+]?[0-9]+`, `0o[0-7]+` or `0x[0-9a-fA-F]+`
    private static func integer(_ bytes: [UInt8]) -> Double? {
        let digits =
            bytes.first == UInt8(ascii: "+") || bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
        if !digits.isEmpty, digits.allSatisfy({ $0 &- 0x30 < 10 }) {
            let text = String(decoding: bytes, as: UTF8.self)
            return Int(text).map { Double($0) } ?? overflowing(text)
        }
        guard bytes.count > 2, bytes[0] == UInt8(ascii: "0") else { return nil }
        let text = String(decoding: bytes[2...], as: UTF8.self)
        switch bytes[1] {
        case UInt8(ascii: "o") where bytes[2...].allSatisfy { $0 &- 0x30 < 8 }:
            return UInt64(text, radix: 8).map { Double($0) } ?? .infinity
        case UInt8(ascii: "x") where bytes[2...].allSatisfy(NumberText.isHexadecimal):
            return UInt64(text, radix: 16).map { Double($0) } ?? .infinity
        default: return nil
        }
    }

    /// A number too large for a double is an infinity.
    private static func overflowing(_ text: String) -> Double {
        Double(text) ?? (text.hasPrefix("-") ? -.infinity : .infinity)
    }

    private static func name(of style: yaml_scalar_style_t) -> String {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: "SingleQuoted"
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: "DoubleQuoted"
        case YAML_LITERAL_SCALAR_STYLE: "Literal"
        case YAML_FOLDED_SCALAR_STYLE: "Folded"
        default: "Plain"
        }
    }
}
