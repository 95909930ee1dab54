import CLinux
import Foundation
import Model
import Services
import Testing
import WorkflowSyntax

@testable import Execution

/// What a step does to the process that runs it, by mistake or not.
@Suite struct HardeningTests {
    @Test func outputThatNeverEndsStopsWithItsProcess() async throws {
        let result = try await TestJob().run(steps: "- run: timeout 2 yes || true; echo done")
        #expect(result.conclusion == .success)
        #expect(result.lines.count > 1_000)
        #expect(result.lines.last?.text == "done" || result.log.hasSuffix("the rest of it is left out"))
    }

    @Test func bytesThatAreNoText() async throws {
        let result = try await TestJob().run(
            steps: #"""
                - run: printf 'a\0b\377\303\n'; printf '::warning::m\0n\n'; printf 's\0t' >> $GITHUB_STEP_SUMMARY
                """#)
        #expect(result.conclusion == .success, "\(result.message ?? "") \(result.log)")
        #expect(result.log(step: 1).first == "a\0b\u{fffd}\u{fffd}")
        #expect(result.annotations.map(\.message) == ["m\u{fffd}n"] && result.summaries == ["s\u{fffd}t"])
    }

    /// Processes that fork as long as they can, each in a session of its own.
    @Test func processesThatForkAreAllGoneWithTheJob() async throws {
        try #require(plue_become_subreaper() == 0)
        let result = try await TestJob().run(
            steps: """
                - run: |
                    f() { [ $1 -gt 0 ] || exec sleep 600; setsid bash -c "$(declare -f f); f $(($1 - 1))" & setsid bash -c "$(declare -f f); f $(($1 - 1))" & }
                    f 5 > /dev/null 2>&1; sleep 0.5; echo $RUNNER_TRACKING_ID
                """)
        #expect(result.conclusion == .success)
        let id = try #require(result.log(step: 1).last)
        #expect(id.hasPrefix("test") || !id.isEmpty)
        #expect(ProcessTree.members(tracking: id).isEmpty)
    }

    /// As on GitHub they may be set; but not without a word.
    @Test func variablesThatDecideWhatRunsAreTold() async throws {
        let result = try await TestJob().run(
            steps: """
                - run: printf 'BASH_ENV=/dev/null\\nLD_X=1\\nGIT_X=2\\nOTHER=3\\nNODE_OPTIONS=-x\\n' >> $GITHUB_ENV
                - run: echo $LD_X $GIT_X $OTHER ${NODE_OPTIONS-none}
                """)
        #expect(result.log(step: 2) == ["1 2 3 none"])
        let warnings = result.lines.filter { $0.text.hasPrefix("##[warning]") }.map { $0.text.dropFirst(11).prefix(6) }
        #expect(warnings == ["BASH_E", "LD_X i", "GIT_X "])
        #expect(result.annotations.map(\.level) == [.error], "NODE_OPTIONS alone is refused")
    }

    @Test func actionsStayWithinTheRepository() async throws {
        var job = TestJob()
        job.files = ["in/action.yml": "runs: {using: composite, steps: [{run: echo in, shell: bash}]}"]
        for uses in ["./../../etc", "./in/../../x"] {
            let text = "on: push\njobs: {j: {runs-on: x, steps: [{run: a},\n  {uses: \(uses)}]}}\n"
            let refused = WorkflowParser().parse(text, file: "a.yml")
            #expect(refused.workflow == nil)
            #expect(refused.diagnostics.first?.message == "The path '\(uses)' leads out of the workspace")
            #expect(refused.diagnostics.first?.position.line == 3)
        }
        let result = try await job.run(
            steps: """
                - run: mkdir $RUNNER_TEMP/out && cp in/action.yml $RUNNER_TEMP/out && ln -s $RUNNER_TEMP/out link && ln -s in same
                - uses: ./same
                - uses: ./link
                """)
        #expect(result.steps.map(\.conclusion) == [.success, .success, .failure])
        #expect(result.log.contains("./link: a symbolic link leads out of the repository"), "\(result.log)")
    }
}
