/// Numbers as a table shows them: three digits that count, no exponent.
enum Figure {
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let size = value.magnitude
        if size >= 100 || value == value.rounded() { return grouped(value.rounded()) }
        return rounded(value, size >= 10 ? 1 : size >= 0.1 ? 2 : 3)
    }

    /// With a point and no separators, for JSON.
    static func json(_ value: Double) -> String {
        value.isFinite ? rounded(value, 4) : "null"
    }

    private static func rounded(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let result = (value * scale).rounded() / scale
        return result == result.rounded() ? String(Int64(result)) : "\(result)"
    }

    private static func grouped(_ value: Double) -> String {
        var digits = Array(String(Int64(value.magnitude)))
        var at = digits.count - 3
        while at > 0 {
            digits.insert(",", at: at)
            at -= 3
        }
        return (value < 0 ? "-" : "") + String(digits)
    }
}
