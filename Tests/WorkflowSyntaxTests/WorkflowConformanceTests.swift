import Foundation
import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct WorkflowConformanceTests {
    @Test(.enabled(if: Conformance.isPresent)) func everyFile() throws {
        var passed: [String: Int] = [:]
        var total: [String: Int] = [:]
        for entry in try Conformance.json("workflows/index.json").elements {
            let file = entry["file"]?.text ?? ""
            let tier = entry["tier"]?.text ?? ""
            total[tier, default: 0] += 1
            if let fault = try Self.fault(of: file, keepingEvents: Self.hasEvents(entry)) {
                print("CONFORMANCE workflows miss \(file): \(fault)")
            } else {
                passed[tier, default: 0] += 1
            }
        }
        for (tier, count) in total.sorted(by: { $0.key < $1.key }) {
            Conformance.report("workflows", tier, passed[tier] ?? 0, of: count)
        }
        Conformance.report("workflows", "all", passed.values.reduce(0, +), of: total.values.reduce(0, +))
    }

    private static func hasEvents(_ entry: ExpressionValue) -> Bool {
        let skip = entry["skip"]?.elements.map(\.text) ?? []
        return skip.contains("Go") && skip.contains("C#")
    }

    private static func fault(of file: String, keepingEvents: Bool) throws -> String? {
        let text = try Conformance.text("workflows/\(file)").replacingOccurrences(of: "\r\n", with: "\n")
        let documents = text.components(separatedBy: "\n---\n")
        var called: [String: String] = [:]
        if documents.count > 3 {
            for at in stride(from: 2, to: documents.count - 1, by: 2) {
                called[documents[at].trimmingCharacters(in: .whitespacesAndNewlines)] = documents[at + 1]
            }
        }
        let options = try options(documents[0])
        let template = WorkflowTemplate(
            documents[1], file: ".github/workflows/\(file)", options: options, called: called)
        let expected = try stripped(ExpressionValue(json: documents[documents.count - 1]), keepingEvents)
        let actual = try stripped(ExpressionValue(json: template.json), keepingEvents)
        return expected.equals(actual) ? nil : "\n\(actual.json(pretty: false))\n\(expected.json(pretty: false))"
    }

    private static func stripped(_ value: ExpressionValue, _ keepingEvents: Bool) throws -> ExpressionValue {
        .object(
            ExpressionObject(value.pairs.filter { keepingEvents || $0.key != "events" }.map { ($0.key, $0.value) }))
    }

    /// The options document is YAML; the parser takes JSON.
    private static func options(_ text: String) throws -> TemplateOptions {
        let token = try YAMLReader.read(text)
        let value = try token?.evaluate(in: ExpressionContext())
        guard let value, case .object = value else { return TemplateOptions() }
        return try TemplateOptions(json: value.json(pretty: false))
    }
}
