/// Names that nothing else has.
enum UniqueName {
    /// 32 hexadecimal digits.
    static func make() -> String {
        let digits = (0..<2).map { _ in String(UInt64.random(in: 0...UInt64.max), radix: 16) }
        return digits.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
    }
}
