extension StringProtocol {
    /// Columns that a terminal gives the text: two for wide characters, none for marks and for colour sequences.
    var columns: Int {
        var count = 0
        var isEscape = false
        for character in self {
            if character == "\u{1b}" { isEscape = true }
            if !isEscape { count += character.columns }
            if isEscape, character == "m" { isEscape = false }
        }
        return count
    }

    /// As much of the beginning as fits into so many columns.
    func fitting(_ limit: Int) -> String {
        var count = 0
        var isEscape = false
        var result = ""
        for character in self {
            if character == "\u{1b}" { isEscape = true }
            if !isEscape {
                count += character.columns
                if count > limit { continue }
            }
            result.append(character)
            if isEscape, character == "m" { isEscape = false }
        }
        return result
    }

    /// Filled with blanks up to so many columns.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - columns))
    }
}

extension Character {
    /// After Unicode's East Asian Width: wide and full-width characters and emoji take two.
    fileprivate var columns: Int {
        guard let scalar = unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0..<0x300: return 1
        case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe4f, 0xff00...0xff60,
            0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
            return 2
        default:
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .format: return 0
            default: return 1
            }
        }
    }
}
