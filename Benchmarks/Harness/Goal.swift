/// What a figure must reach.
public enum Goal: Sendable, Hashable {
    case atMost(Double)
    case atLeast(Double)

    func isMet(by value: Double) -> Bool {
        switch self {
        case .atMost(let bound): value <= bound
        case .atLeast(let bound): value >= bound
        }
    }

    /// `≤ 2.5`
    public var text: String {
        switch self {
        case .atMost(let bound): "≤ \(Figure.text(bound))"
        case .atLeast(let bound): "≥ \(Figure.text(bound))"
        }
    }

    var json: String {
        switch self {
        case .atMost(let bound): "\"<= \(Figure.text(bound))\""
        case .atLeast(let bound): "\">= \(Figure.text(bound))\""
        }
    }
}
