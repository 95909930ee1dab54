extension FilterPattern {
    /// What a pattern is used for.
    public enum Subject: Sendable {
        case ref
        case path
    }

    /// Why GitHub would not take the pattern, or why it cannot match; nil for a sound one. Rules: the cheat sheet,
    /// and for refs git-check-ref-format(1).
    public static func fault(of pattern: String, for subject: Subject) -> String? {
        let scalars = Array(pattern.unicodeScalars)
        if scalars.isEmpty { return "the pattern is empty" }
        if scalars == ["!"] { return "at least one character must follow '!'" }
        let body = Array(scalars.dropFirst(scalars[0] == "!" ? 1 : 0))
        var at = 0
        var before: Unicode.Scalar?
        while at < body.count {
            let scalar = body[at]
            switch scalar {
            case "?", "+":
                if before == nil || before == "*" && scalar == "+" || before == "?" || before == "+" {
                    return "the character before '\(scalar)' must not be a special one"
                }
            case "[":
                if let fault = classFault(body, &at) { return fault }
            case "\\":
                at += 1
                guard at < body.count else { return "a character must follow '\\'" }
                if subject == .ref, !"[?*\\+!".unicodeScalars.contains(body[at]) {
                    return "only special characters can be escaped with '\\'"
                }
            case " ", "\t", "\n", "~", "^", ":":
                if subject == .ref { return "the character '\(scalar)' cannot occur in a name of a branch or tag" }
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F { return "a control character cannot match" }
            }
            before = at < body.count ? body[at] : nil
            at += 1
        }
        return subject == .ref ? refFault(pattern, body) : pathFault(pattern, body)
    }

    private static func classFault(_ body: [Unicode.Scalar], _ at: inout Int) -> String? {
        let start = at + 1
        guard let end = body[start...].firstIndex(of: "]") else { return "'[' is not closed" }
        if end == start { return "'[]' is empty" }
        var index = start
        while index < end {
            if index + 2 < end, body[index + 1] == "-" {
                if body[index].value > body[index + 2].value {
                    return "the range '\(body[index])-\(body[index + 2])' runs backwards"
                }
                index += 3
            } else {
                index += 1
            }
        }
        at = end
        return nil
    }

    private static func refFault(_ pattern: String, _ body: [Unicode.Scalar]) -> String? {
        if body.first == "/" || body.last == "/" || body.last == "." {
            return "a name of a branch or tag neither starts nor ends with '/' and does not end with '.'"
        }
        if zip(body, body.dropFirst()).contains(where: { $0 == $1 && ($0 == "/" || $0 == ".") }) {
            return "'//' and '..' cannot occur in a name of a branch or tag"
        }
        return nil
    }

    private static func pathFault(_ pattern: String, _ body: [Unicode.Scalar]) -> String? {
        if isBlank(body.first) || isBlank(body.last) { return "a path neither starts nor ends with a blank" }
        for part in body.split(separator: "/") where part.count <= 2 && part.allSatisfy({ $0 == "." }) {
            return "'.' and '..' never match: paths are relative to the root of the repository"
        }
        return nil
    }

    private static func isBlank(_ scalar: Unicode.Scalar?) -> Bool {
        scalar.map { $0.isASCII && NumberText.isSpace(UInt8($0.value)) } ?? false
    }
}

extension String {
    var trimmingBlanks: String {
        var bytes = Array(utf8)[...]
        while let first = bytes.first, NumberText.isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, NumberText.isSpace(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
