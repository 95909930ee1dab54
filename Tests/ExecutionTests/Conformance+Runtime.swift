import Foundation
import TestSupport
import Testing
import WorkflowSyntax

extension Conformance {
    /// Asks `fault` of every case of a file of the runtime corpus, and says how many have none.
    static func check(_ file: String, fault: (ExpressionValue) async throws -> String?) async throws {
        let cases = try json("runtime/\(file).json").elements
        var passed = 0
        for entry in cases {
            if let fault = try await fault(entry) {
                Issue.record("\(file): \(entry["name"]?.text ?? ""): \(fault)")
            } else {
                passed += 1
            }
        }
        report("runtime", file, passed, of: cases.count)
    }
}

extension ExpressionValue {
    var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The texts of an object's values by key.
    var texts: [String: String] {
        Dictionary(uniqueKeysWithValues: pairs.map { ($0.key, $0.value.text) })
    }
}
