internal import CLinux
internal import Glibc

/// Marks and colours, as the terminal and the user want them.
struct Style: Sendable {
    var hasColor: Bool
    /// Columns of a line.
    var width: Int
    var height: Int

    /// For standard error. Colours only on a terminal that has them, and not with `NO_COLOR`.
    static var standardError: Style {
        let isTerminal = isatty(STDERR_FILENO) == 1
        let isPlain = Directories.variable("NO_COLOR") != nil || Directories.variable("TERM") == "dumb"
        var columns: Int32 = 0
        var rows: Int32 = 0
        if isTerminal { plue_terminal_size(STDERR_FILENO, &columns, &rows) }
        return Style(
            hasColor: isTerminal && !isPlain, width: columns > 20 ? Int(columns) : 80, height: rows > 4 ? Int(rows) : 24
        )
    }

    static var standardOutput: Style {
        var style = standardError
        style.hasColor = style.hasColor && isatty(STDOUT_FILENO) == 1
        return style
    }

    enum Color: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case dim = "2"
        case bold = "1"
    }

    func paint(_ text: String, _ color: Color) -> String {
        hasColor ? "\u{1b}[\(color.rawValue)m\(text)\u{1b}[0m" : text
    }

    /// The mark of a result: ✓ ✗ –.
    func mark(_ conclusion: String?) -> String {
        switch conclusion {
        case "success", "neutral": paint("✓", .green)
        case "failure", "startup_failure", "timed_out": paint("✗", .red)
        case "cancelled": paint("⊘", .yellow)
        case "skipped": paint("–", .dim)
        default: paint("•", .yellow)
        }
    }

    var rule: String { paint(String(repeating: "─", count: min(width, 60)), .dim) }

    /// `left`, then `right` at the end of the line when there is room.
    func spread(_ left: String, _ right: String) -> String {
        let gap = min(width, 80) - left.columns - right.columns
        return left + String(repeating: " ", count: max(2, gap)) + right
    }
}

extension String {
    /// Line breaks, other control characters and those that change the direction of the text as blanks: for a name in a
    /// table.
    var oneLine: String { oneLine(keepingColors: false) }

    func oneLine(keepingColors: Bool) -> String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    scalar.isHarmless || keepingColors && scalar == "\u{1b}" ? scalar : " "
                }))
    }
}

extension Unicode.Scalar {
    /// Takes no part in moving the cursor, ending the line or turning the text around.
    fileprivate var isHarmless: Bool {
        if isASCII { return value >= 32 && value != 127 }
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return false
        default: return !properties.isBidiControl
        }
    }
}

extension String {
    /// What a terminal may be given of someone else's text: colours stay, whatever else would move the cursor or change
    /// the terminal's state goes. What goes must not join the parts of a secret: the masker reads a text in this way too
    /// (`TerminalReading.sequences`).
    var terminalSafe: String {
        guard utf8.contains(where: { $0 < 32 && $0 != 9 || $0 == 127 || $0 == 0xc2 }) else { return self }
        var result = String.UnicodeScalarView()
        var rest = Substring(self).unicodeScalars
        while let next = rest.popFirst() {
            if next == "\u{1b}" {
                guard rest.first == "[" else { continue }
                let parameters = rest.dropFirst().prefix { " "..."?" ~= $0 }
                guard let end = rest.dropFirst(1 + parameters.count).first, "@"..."~" ~= end else { continue }
                if end == "m" {
                    result.append(next)
                    result.append("[")
                    result.append(contentsOf: parameters)
                    result.append(end)
                }
                rest = rest.dropFirst(2 + parameters.count)
            } else if next == "\t" || next.properties.generalCategory != .control {
                result.append(next)
            }
        }
        return String(result)
    }
}

/// Times as people read them.
enum Elapsed {
    /// `0.8s`, `12s`, `3m 05s`, `2h 10m`.
    static func text(microseconds: Int64) -> String {
        let tenths = max(0, microseconds) / 100_000
        if tenths < 100 { return "\(tenths / 10).\(tenths % 10)s" }
        let seconds = tenths / 10
        if seconds < 60 { return "\(seconds)s" }
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if seconds < 3600 { return "\(seconds / 60)m \(two(seconds % 60))s" }
        return "\(seconds / 3600)h \(two(seconds / 60 % 60))m"
    }
}
