import Foundation
import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct LintConformanceTests {
    /// The share that must pass, by tier; advice is no reason to refuse a file, and so is only counted.
    private static let shares: [String: Double] = ["must": 1, "should": 1, "lint": 0]

    @Test(.enabled(if: Conformance.isPresent)) func everyFile() throws {
        var passed: [String: Int] = [:]
        var placed = 0
        var rejected = 0
        var total: [String: Int] = [:]
        for entry in try Conformance.json("lint/index.json").elements {
            let file = entry["file"]?.text ?? ""
            let expect = entry["expect"]?.text ?? ""
            let group = entry["tier"]?.text ?? ""
            total[group, default: 0] += 1
            let result = WorkflowParser(linting: true).parse(
                try Conformance.text("lint/\(file)"), file: file)
            let errors = result.diagnostics.filter { $0.severity == .error }
            if errors.isEmpty == (expect == "accept") {
                passed[group, default: 0] += 1
            } else {
                print("CONFORMANCE lint miss \(expect) \(group) \(file): \(Self.text(errors))")
            }
            guard expect == "reject" else { continue }
            rejected += 1
            let lines = Self.lines(of: entry)
            if errors.contains(where: { lines.contains($0.position.line) }) {
                placed += 1
            } else {
                print(
                    "CONFORMANCE lint place \(expect) \(group) \(file): \(Self.text(errors)) expected \(lines.sorted())"
                )
            }
        }
        for (group, count) in total.sorted(by: { $0.key < $1.key }) {
            Conformance.report("lint", group, passed[group] ?? 0, of: count, atLeast: Self.shares[group] ?? 1)
        }
        Conformance.report("lint", "placed", placed, of: rejected, atLeast: 0.9)
    }

    private static func text(_ errors: [Diagnostic]) -> String {
        errors.map { "\($0.position.line):\($0.position.column) \($0.message)" }.joined(separator: " | ")
    }

    private static func lines(of entry: ExpressionValue) -> Set<Int> {
        var lines = Set((entry["errors"]?.elements ?? []).compactMap { $0["line"].map { Int($0.number) } })
        for message in entry["githubErrors"]?.elements.map(\.text) ?? [] {
            if let range = message.range(of: "Line: "), let end = message[range.upperBound...].firstIndex(of: ",") {
                lines.formUnion([Int(message[range.upperBound..<end]) ?? 0])
            }
        }
        return lines
    }
}
