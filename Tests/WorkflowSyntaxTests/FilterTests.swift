import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct FilterTests {
    @Test(.enabled(if: Conformance.isPresent)) func everyCase() throws {
        var passed = 0
        let cases = try Conformance.json("filters/filters.json").elements
        for entry in cases {
            let list = FilterList(entry["patterns"]?.elements.map(\.text) ?? [])
            let inputs = entry["inputs"]?.elements.map(\.text) ?? []
            let ignoring = entry["filter"]?.text.hasSuffix("-ignore") ?? false
            let runs = ignoring ? list.runs(ignoring: inputs) : list.runs(including: inputs)
            if runs == entry["matches"]?.isTruthy {
                passed += 1
            } else {
                Issue.record("\(entry.json(pretty: false))")
            }
        }
        Conformance.report("filters", "all", passed, of: cases.count)
    }

    @Test func hostilePatternsAreLinear() {
        let pattern = FilterPattern(String(repeating: "**/*a", count: 30) + "**/*b")
        let name = String(repeating: "a/", count: 200)
        let time = ContinuousClock().measure { #expect(!pattern.matches(name)) }
        // A matcher that goes back would not end in a lifetime.
        #expect(time < .seconds(10), "\(time)")
    }

    @Test func faults() {
        for pattern in ["", "!", "[a", "[]", "+a", "a\\", "[z-a]", "a b", "/main", "a..b"] {
            #expect(FilterPattern.fault(of: pattern, for: .ref) != nil, "\(pattern)")
        }
        for pattern in ["main", "v[0-9]+.*", "release/**", "!x", "a?"] {
            #expect(FilterPattern.fault(of: pattern, for: .ref) == nil, "\(pattern)")
        }
        for pattern in ["./a", "../a", " a"] {
            #expect(FilterPattern.fault(of: pattern, for: .path) != nil, "\(pattern)")
        }
    }

    private func workflow(_ on: String) throws -> Workflow {
        let text = "on:\n  \(on)\njobs: { a: { runs-on: x, steps: [{ run: x }] } }\n"
        let result = WorkflowParser().parse(text, file: "a.yml")
        return try #require(result.workflow, "\(result.diagnostics)")
    }

    @Test func pushFiltersAreAlternativesByKind() throws {
        let branches = try workflow("push: { branches: [main] }")
        #expect(TriggerMatch(TriggerEvent(name: "push", ref: .branch("main")), branches) == .runs)
        #expect(TriggerMatch(TriggerEvent(name: "push", ref: .branch("x")), branches) != .runs)
        #expect(TriggerMatch(TriggerEvent(name: "push", ref: .tag("v1")), branches) != .runs)
        let both = try workflow("push: { branches: [main], tags: [v*] }")
        #expect(TriggerMatch(TriggerEvent(name: "push", ref: .tag("v1")), both) == .runs)
        let tags = try workflow("push: { tags-ignore: [v*] }")
        #expect(TriggerMatch(TriggerEvent(name: "push", ref: .branch("main")), tags) != .runs)
        let paths = try workflow("push: { paths: ['src/**'] }")
        let files = TriggerEvent(name: "push", ref: .branch("main"), changedFiles: ["README"])
        #expect(
            TriggerMatch(files, paths) == .skipped(reason: "changed file 'README' is not in paths: src/**"))
    }

    @Test func pullRequestTypesHaveDefaults() throws {
        let plain = try workflow("pull_request:")
        #expect(TriggerMatch(TriggerEvent(name: "pull_request", activity: "opened"), plain) == .runs)
        #expect(TriggerMatch(TriggerEvent(name: "pull_request", activity: "closed"), plain) != .runs)
        let closed = try workflow("pull_request: { types: closed, branches: [main] }")
        #expect(
            TriggerMatch(TriggerEvent(name: "pull_request", activity: "closed", baseBranch: "main"), closed) == .runs)
        #expect(
            TriggerMatch(TriggerEvent(name: "pull_request", activity: "closed", baseBranch: "x"), closed) != .runs)
        #expect(TriggerMatch(TriggerEvent(name: "push"), closed) != .runs)
    }
}
