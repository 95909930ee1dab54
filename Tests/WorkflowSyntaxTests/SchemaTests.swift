import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct SchemaTests {
    @Test func everyNameIsDefined() {
        #expect(Schema.workflow.undefinedNames.isEmpty, "\(Schema.workflow.undefinedNames)")
        #expect(Schema.action.undefinedNames.isEmpty, "\(Schema.action.undefinedNames)")
    }

    @Test func nearestNames() {
        #expect(Nearest.nearest(to: "runn", among: ["run", "uses"]) == "run")
        #expect(Nearest.nearest(to: "zzz", among: ["run", "uses"]) == nil)
    }
}
