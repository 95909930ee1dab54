/// The forms in which a secret may appear in output: its text, the text of its lines, and their encodings.
enum SecretForms {
    /// A longer pattern is searched for in parts that follow each other: what is held back stays short, and a part of it
    /// alone is hidden too.
    static let partLength = 512

    static func patterns(of secret: [UInt8]) -> Set<MaskPattern> {
        var texts: Set<[UInt8]> = [secret, trimmed(secret[...])]
        if secret.contains(where: isBreak) {
            let lines = secret.split(whereSeparator: isBreak)
            for line in lines {
                texts.insert(Array(line))
                texts.insert(trimmed(line))
            }
            texts.insert(Array(lines.joined(separator: [10])))
            texts.insert(Array(lines.joined(separator: [13, 10])))
        }
        var patterns: Set<MaskPattern> = []
        for text in texts where text.count >= PatternAutomaton.shortest {
            for form in shown(text) { insert(MaskPattern(bytes: form), into: &patterns) }
            for pattern in Base64.patterns(of: text) { insert(pattern, into: &patterns) }
            for form in SecretEncodings.all(of: text) where form != text {
                for form in shown(form) { insert(MaskPattern(bytes: form), into: &patterns) }
            }
        }
        return patterns
    }

    /// As it is, and as it is found in a text without what is not shown.
    private static func shown(_ text: [UInt8]) -> Set<[UInt8]> {
        Set(
            text.withUnsafeBufferPointer { bytes in
                let marks = InvisibleMarks(bytes)
                return marks.isEmpty ? [] : VisibleText.all(bytes, marks).map(\.bytes)
            } + [text])
    }

    private static func insert(_ pattern: MaskPattern, into patterns: inout Set<MaskPattern>) {
        guard pattern.bytes.count >= PatternAutomaton.shortest else { return }
        guard pattern.bytes.count >= 2 * partLength else {
            patterns.insert(pattern)
            return
        }
        var from = 0
        while from < pattern.bytes.count {
            // The last part takes what would be too short for one of its own.
            let left = pattern.bytes.count - from
            let end = left < 2 * partLength ? pattern.bytes.count : from + partLength
            patterns.insert(
                MaskPattern(
                    bytes: Array(pattern.bytes[from..<end]), hidesBefore: from == 0 && pattern.hidesBefore,
                    hidesAfter: end == pattern.bytes.count && pattern.hidesAfter))
            from = end
        }
    }

    private static func isBreak(_ byte: UInt8) -> Bool { byte == 10 || byte == 13 }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> [UInt8] {
        func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || isBreak(byte) }
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return Array(text)
    }
}
