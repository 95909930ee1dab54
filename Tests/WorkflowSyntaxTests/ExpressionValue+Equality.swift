import Foundation
import TestSupport

@testable import WorkflowSyntax

extension ExpressionValue {
    /// Equality by content: numbers as doubles, objects without regard to the order of keys.
    func equals(_ other: ExpressionValue) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.boolean(let a), .boolean(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): a == b
        case (.array(let a), .array(let b)):
            a.elements.count == b.elements.count && zip(a.elements, b.elements).allSatisfy { $0.equals($1) }
        case (.object(let a), .object(let b)):
            a.pairs.count == b.pairs.count
                && a.pairs.allSatisfy { pair in b[pair.key].map { pair.value.equals($0) } ?? false }
        default: false
        }
    }
}
