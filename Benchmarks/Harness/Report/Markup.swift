/// Text of HTML and SVG.
enum Markup {
    /// What a reader sees as that text, in an element or a quoted attribute.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            // Not allowed in either, but for tab and newline.
            case "\u{0}"..."\u{8}", "\u{b}"..."\u{1f}", "\u{7f}": result += "\u{fffd}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A coordinate: one digit behind the point.
    static func number(_ value: Double) -> String {
        let tenths = (value.isFinite ? value * 10 : 0).rounded()
        return tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10))" : "\(tenths / 10)"
    }
}
