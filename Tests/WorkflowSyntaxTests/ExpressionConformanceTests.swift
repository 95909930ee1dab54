import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct ExpressionConformanceTests {
    @Test(.enabled(if: Conformance.isPresent)) func everyCase() throws {
        var passed = 0
        var total = 0
        for file in try Conformance.files("expressions", suffix: ".json") {
            for group in try Conformance.json("expressions/\(file)").pairs {
                for entry in group.value.elements {
                    total += 1
                    if let fault = Self.fault(of: entry) {
                        Issue.record("\(file) \(group.key): \(entry["expr"]?.text ?? ""): \(fault)")
                    } else {
                        passed += 1
                    }
                }
            }
        }
        Conformance.report("expressions", "all", passed, of: total)
    }

    private static func fault(of entry: ExpressionValue) -> String? {
        var context = ExpressionContext()
        for pair in entry["contexts"]?.pairs ?? [] { context.values[pair.key.lowercased()] = pair.value }
        let names = AllowedNames(contexts: Set(context.values.keys))
        do {
            let value = try Expression(entry["expr"]?.text ?? "", allowing: names).evaluate(in: context)
            guard let expected = entry["result"] else { return "no error but \(value.json(pretty: false))" }
            guard expected["kind"]?.text == value.kindName else { return "kind \(value.kindName)" }
            return expected["value"].map(value.equals) == true ? nil : "value \(value.json(pretty: false))"
        } catch {
            guard let expected = entry["err"] else { return error.message }
            let early = error.kind != .evaluation
            guard early == (expected["kind"]?.text != "evaluation") else { return "class of \(error.message)" }
            let part = expected["value"]?.text ?? ""
            return part.isEmpty || error.message.contains(part) ? nil : "message \(error.message)"
        }
    }
}
