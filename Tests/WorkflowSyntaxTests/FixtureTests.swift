import TestSupport
import Testing

@testable import WorkflowSyntax

/// A file for each feature and each fault of the format.
@Suite struct FixtureTests {
    @Test(arguments: Fixture.all("workflows/ok")) func acceptedWorkflow(_ fixture: Fixture) throws {
        let result = WorkflowParser().parse(bytes: fixture.bytes, file: fixture.file)
        fixture.expect(result.diagnostics)
        #expect(result.workflow != nil)
        let template = try WorkflowTemplate(fixture.text, file: fixture.file, options: fixture.options())
        fixture.expect(json: template.json)
    }

    @Test(arguments: Fixture.all("workflows/err")) func refusedWorkflow(_ fixture: Fixture) {
        let result = WorkflowParser().parse(bytes: fixture.bytes, file: fixture.file)
        fixture.expect(result.diagnostics)
        #expect(result.workflow == nil && !fixture.expected.isEmpty)
    }

    /// Callers, checked against the files that they call: those of `called` by their name.
    @Test(arguments: Fixture.all("workflows/calls")) func callOfAWorkflow(_ fixture: Fixture) throws {
        let callees = Dictionary(uniqueKeysWithValues: Fixture.all("workflows/calls/called").map { ($0.name, $0) })
        let caller = try #require(WorkflowParser().parse(bytes: fixture.bytes, file: fixture.file).workflow)
        var diagnostics: [Diagnostic] = []
        var called: [String: String] = [:]
        for job in caller.jobs {
            guard case .call(let call) = job.body else { continue }
            let name = call.uses.split(separator: "/").last?.split(separator: ".").first
            let callee = try #require(callees[String(name ?? "")], "\(call.uses)")
            called[call.uses] = callee.text
            let parsed = WorkflowParser().parse(bytes: callee.bytes, file: callee.file)
            diagnostics += WorkflowCallCheck().check(job, in: caller, calling: try #require(parsed.workflow))
        }
        fixture.expect(diagnostics)
        let template = WorkflowTemplate(fixture.text, file: fixture.file, called: called)
        #expect(template.hasErrors == !diagnostics.isEmpty)
        if diagnostics.isEmpty { fixture.expect(json: template.json) }
    }

    @Test(arguments: Fixture.all("actions/ok")) func acceptedAction(_ fixture: Fixture) throws {
        let (manifest, diagnostics) = ActionParser().parse(fixture.text, file: fixture.file)
        fixture.expect(diagnostics)
        let found = ActionDescription(try #require(manifest)).lines
        #expect(found == fixture.comments("gives"), "\(fixture.name):\n\(found.joined(separator: "\n"))\n")
    }

    @Test(arguments: Fixture.all("actions/err")) func refusedAction(_ fixture: Fixture) {
        let (manifest, diagnostics) = ActionParser().parse(fixture.text, file: fixture.file)
        fixture.expect(diagnostics)
        #expect(manifest == nil && !fixture.expected.isEmpty)
    }

    /// GitHub takes all of these; the linter has something to say, or in `CODE.near` files has not.
    @Test(arguments: Fixture.all("lint")) func lintedWorkflow(_ fixture: Fixture) {
        let zones = TZifFixture(["Europe/Berlin": TZifFixture.berlin])
        let result = WorkflowParser(linting: true, zones: zones).parse(bytes: fixture.bytes, file: fixture.file)
        fixture.expect(result.diagnostics)
        #expect(result.workflow != nil)
    }
}
