import Foundation
import Model
import TestSupport
import Testing

@testable import Execution

/// Whole jobs, as semantics.md has them.
@Suite struct JobTests {
    @Test func shellsOfSteps() async throws {
        let result = try await TestJob().run(
            steps: """
                - run: false | true; echo "$-" | grep -q e && echo on
                - run: false | true
                  shell: bash
                  continue-on-error: true
                - run: cat "$0" | head -1
                  shell: sh
                - run: b\\na
                  shell: sort {0}
                - run: pwd
                  working-directory: sub
                """.replacing("b\\na", with: "|\n    b\n    a"))
        #expect(result.log(step: 1) == ["on"])
        #expect(result.steps.map(\.outcome?.rawValue) == ["success", "failure", "success", "success", "failure"])
        #expect(result.log(step: 4) == ["a", "b"])
        #expect(result.log.contains("the working directory") && result.log.contains("/sub does not exist"))
    }

    @Test func whatStepsSet() async throws {
        let result = try await TestJob(environment: TestJob().environment.merging(["HOST": "h"]) { $1 }).run(
            steps: """
                - id: one
                  env: { OWN: o }
                  run: |
                    printf 'A=1\\nA=2\\nB<<E\\nx\\ny\\nE\\nGITHUB_SHA=no\\nRUNNER_OS=no\\nNODE_OPTIONS=--x\\n' >> $GITHUB_ENV
                    printf 'o=1\\no=2\\n' >> $GITHUB_OUTPUT
                    echo "::set-output name=p::from command"
                    echo "$OWN $JOB $FLOW $HOST $CI"
                - run: echo "$A $B $GITHUB_SHA $RUNNER_OS ${NODE_OPTIONS-none} ${OWN-none}"
                - run: echo "${{ steps.one.outputs.o }} ${{ steps.one.outputs.p }} ${{ env.A }} ${{ env.OWN }}."
                - run: cat $GITHUB_ENV $GITHUB_OUTPUT $GITHUB_PATH $GITHUB_STATE $GITHUB_STEP_SUMMARY | wc -c
                """, job: "env: { JOB: j, FLOW: job }\noutputs: { o: \"${{ steps.one.outputs.o }}\" }",
            workflow: "env: { FLOW: f }")
        #expect(result.conclusion == .success, "\(result.log)")
        #expect(result.log(step: 1) == ["o j job h true"])
        #expect(result.log(step: 2) == ["2 x", "y \(String(repeating: "0", count: 40)) Linux none none"])
        #expect(result.log(step: 3) == ["2 from command 2 ."])
        #expect(result.log(step: 4) == ["0"], "each step has empty files")
        #expect(result.outputs == ["o": "2"])
    }

    @Test func switchesOfAStepCount() async throws {
        let result = try await TestJob().run(
            steps: """
                - run: echo "::set-env name=A::1"
                  env: { ACTIONS_ALLOW_UNSECURE_COMMANDS: true }
                - run: echo "$A"; echo "::add-path::/x"
                """)
        #expect(result.steps.map(\.conclusion) == [.success, .failure])
        #expect(result.log(step: 2) == ["1"])
    }

    @Test func secretsDoNotLeave() async throws {
        var job = TestJob()
        job.secrets = ["TOKEN": "s3cr3t-value"]
        let long = String(repeating: "x", count: 4_090)
        let result = try await job.run(
            steps: """
                - id: s
                  name: with ${{ secrets.TOKEN }}
                  env: { T: "${{ secrets.token }}" }
                  run: |
                    echo "a $T b"; echo "c $T" >&2
                    echo "::error title=$T,file=$T::\(long)$T"
                    echo "$T" >> $GITHUB_STEP_SUMMARY
                    echo "o=x$T" >> $GITHUB_OUTPUT; echo "p=fine" >> $GITHUB_OUTPUT
                    echo "::add-mask::dynamic-1"
                    echo "dynamic-1"
                - run: test "${{ steps.s.outputs.o }}" = xs3cr3t-value
                - run: echo "$BAD" >> $GITHUB_ENV
                  env: { BAD: "no format ${{ secrets.TOKEN }}" }
                """, job: "outputs: { o: \"${{ steps.s.outputs.o }}\", p: \"${{ steps.s.outputs.p }}\" }")
        #expect(result.steps.map(\.conclusion) == [.success, .success, .failure])
        #expect(result.outputs == ["p": "fine"])
        #expect(result.log(step: 1).sorted() == ["***", "a *** b", "c ***"])
        #expect(result.steps.first?.name == "with ***")
        #expect(result.summaries == ["***\n"])
        #expect(result.annotations.first.map { [$0.title, $0.file] } == ["***", "***"])
        let everything = result.log + "\(result.annotations)"
        #expect(!everything.contains("s3c") && !everything.contains("dynamic"))
    }

    @Test func longLinesAndBreaksInMessages() async throws {
        let result = try await TestJob().run(
            steps: """
                - id: s
                  run: |
                    head -c 100000 /dev/zero | tr '\\0' x; echo
                    head -c 60000 /dev/zero | tr '\\0' '\\377'; echo
                    echo '::error::one%0D%0Atwo%0Athree'
                    printf '::set-output name=o::'; head -c 200000 /dev/zero | tr '\\0' y; echo
                    printf 'not ended'
                - run: echo "${{ steps.s.outputs.o != '' }}"
                """)
        #expect(result.conclusion == .success, "\(result.message ?? "")")
        let lines = result.log(step: 1)
        #expect(lines.filter { $0.hasPrefix("x") }.joined().utf8.count == 100_000)
        #expect(lines.filter { $0.hasPrefix("\u{fffd}") }.joined().unicodeScalars.count == 60_000)
        #expect(lines.last == "not ended" && !result.log.contains("yy"))
        #expect(result.lines.filter { $0.stream == .system }.map(\.text) == ["##[error]one", "two", "three"])
        #expect(result.log(step: 2) == ["true"])
    }

    @Test func largeVariableIsNamed() async throws {
        let result = try await TestJob().run(
            steps: """
                - run: |
                    printf 'HUGE=' >> $GITHUB_ENV; head -c 200000 /dev/zero | tr '\\0' x >> $GITHUB_ENV
                - run: echo never
                """)
        #expect(result.steps.map(\.conclusion) == [.success, .failure])
        #expect(result.annotations.contains { $0.message.contains("HUGE") })
    }

    @Test func namesLikeTheRunnersOwn() async throws {
        let result = try await TestJob().run(
            steps: """
                - env: { GITHUB_PAT: pat, GITHUB_REPOSITORY: no, RUNNER_EXTRA: extra, GITHUB_ENV: no, CI: other }
                  run: |
                    echo "$GITHUB_PAT $GITHUB_REPOSITORY $RUNNER_EXTRA $CI"
                    test -f "$GITHUB_ENV"
                    echo GITHUB_USER=me >> $GITHUB_ENV
                    echo GITHUB_ACTOR=no >> $GITHUB_ENV
                - run: echo "$GITHUB_USER $GITHUB_ACTOR $GITHUB_ACTION ${{ github.action }}"
                - id: named
                  run: echo "$GITHUB_ACTION ${{ github.action }}"
                """)
        #expect(result.log(step: 1) == ["pat octo/cat extra other"])
        #expect(result.log(step: 2) == ["me octocat __run_2 __run_2"])
        #expect(result.log(step: 3) == ["named named"])
    }

    @Test func summariesOfAnActionAreOne() async throws {
        let action = """
            runs:
              using: composite
              steps:
                - { shell: bash, run: echo one >> $GITHUB_STEP_SUMMARY }
                - { shell: bash, run: echo two >> $GITHUB_STEP_SUMMARY }
            """
        let result = try await TestJob(files: ["act/action.yml": action]).run(
            steps: "- uses: ./act\n- run: echo three >> $GITHUB_STEP_SUMMARY")
        #expect(result.summaries == ["one\ntwo\n", "three\n"])
    }

    private static let composite = """
        inputs:
          who: { default: nobody }
          greeting: { required: true }
        outputs:
          said: { value: "${{ steps.inner.outputs.said }}" }
        runs:
          using: composite
          steps:
            - id: inner
              shell: bash
              run: |
                echo "said=${{ inputs.greeting }} ${{ inputs.who }}" >> $GITHUB_OUTPUT
                echo "in:${INPUT_WHO-none} $OUTER $(basename $GITHUB_ACTION_PATH)"
                echo "::stop-commands::stopped-here"
            - shell: bash
              run: echo "::set-output name=x::y"; exit ${{ inputs.who == 'fail' && 1 || 0 }}
            - if: failure()
              shell: bash
              run: echo "cleaned ${{ job.status }}"
        """

    @Test func compositeActions() async throws {
        let job = TestJob(files: ["act/action.yml": Self.composite])
        let result = try await job.run(
            steps: """
                - id: a
                  uses: ./act
                  with: { greeting: hello }
                  env: { OUTER: outer }
                - run: echo "${{ steps.a.outputs.said }} ${{ steps.inner.outputs.said }}."
                - uses: ./act
                  with: { greeting: x, who: fail }
                - run: echo never
                """)
        #expect(result.log(step: 1) == ["in:none outer act"])
        #expect(result.log(step: 2) == ["hello nobody ."])
        #expect(result.log(step: 3) == ["in:none  act", "cleaned success"])
        #expect(result.steps.map(\.conclusion) == [.success, .success, .failure, .skipped])
    }

    @Test(.enabled(if: Program.find("node") != nil)) func javaScriptActions() async throws {
        let folder = try TestFolder()
        try folder.write(
            "action.yml",
            """
            inputs: { 'my name': { default: d } }
            runs: { using: node20, pre: pre.js, main: main.js, post: post.js }
            """)
        let save = "require('fs').appendFileSync(process.env.GITHUB_STATE, 'k=' + "
        try folder.write("pre.js", "console.log('pre ' + process.env['INPUT_MY_NAME']); \(save)'fromPre\\n')")
        try folder.write(
            "main.js",
            "console.log('main ' + process.env.STATE_k); \(save)'fromMain' + process.env['INPUT_MY_NAME'] + '\\n'); process.stdout.write('::save-state name=c::last')"
        )
        try folder.write("post.js", "console.log('post ' + process.env.STATE_k + ' ' + process.env.STATE_c)")
        var job = TestJob()
        job.localRepositories = ["o/js": folder.path]
        let result = try await job.run(
            steps: """
                - uses: o/js@v1
                  with: { my name: one }
                - uses: o/js@v1
                  with: { my name: two }
                - run: exit 3
                """)
        #expect(result.conclusion == .failure)
        #expect(
            result.lines.filter { $0.stream != .system }.map(\.text) == [
                "pre one", "pre two", "main fromPre", "main fromPre", "post fromMaintwo last", "post fromMainone last",
            ], "\(result.log)")
    }
}
