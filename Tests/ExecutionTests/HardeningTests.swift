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
        #expect(ProcessKeeper.shared.members(of: id).isEmpty)
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

    /// Whatever name it is set by; `env` of the workflow's own text is not asked.
    @Test func aStrictHostRefusesThem() async throws {
        var job = TestJob()
        job.isStrict = true
        let result = try await job.run(
            steps: """
                - run: |
                    printf 'PATH=/x\\nBASH_ENV=/dev/null\\nLD_X=1\\nGIT_X=2\\nOTHER=3\\n' >> $GITHUB_ENV
                    echo '::set-env name=LD_Y::1'
                  env: {ACTIONS_ALLOW_UNSECURE_COMMANDS: true}
                - run: echo ${BASH_ENV-none} ${LD_X-none} ${LD_Y-none} ${GIT_X-none} $OTHER $LD_Z
                  env: {LD_Z: of the file}
                """)
        #expect(result.conclusion == .success, "\(result.log)")
        #expect(result.log(step: 2) == ["none none none none 3 of the file"], "\(result.log)")
        let refused = result.annotations.filter { $0.level == .error }.map(\.message)
        #expect(refused.count == 5 && refused.allSatisfy { $0.hasSuffix("steps run (--strict)") }, "\(refused)")
    }

    @Test func unsecureCommandsAreErrors() async throws {
        let result = try await TestJob().run(
            steps: """
                - run: echo '::set-env name=A::1'
                  continue-on-error: true
                - run: echo "##[add-path]/x"
                  continue-on-error: true
                - run: echo ${A-none}; case $PATH in /x:*) exit 1;; esac
                """)
        #expect(result.steps.map(\.outcome) == [.failure, .failure, .success], "\(result.log)")
        #expect(result.log(step: 3) == ["none"])
    }

    /// As on GitHub, a step may work anywhere; on a strict host within the folders of its job.
    @Test func workingDirectories() async throws {
        let steps = """
            - run: mkdir in; ln -s /etc out; ln -s in same; pwd
            - {run: pwd, working-directory: same}
            - {run: pwd, working-directory: "${{ runner.temp }}"}
            - {run: pwd -P, working-directory: /etc, continue-on-error: true}
            - {run: pwd -P, working-directory: ../../../../../../../../../../../../etc, continue-on-error: true}
            - {run: pwd -P, working-directory: out, continue-on-error: true}
            - {run: pwd -P, working-directory: nowhere, continue-on-error: true}
            """
        let free = try await TestJob().run(steps: steps)
        #expect(free.steps.map(\.outcome) == [.success, .success, .success, .success, .success, .success, .failure])
        #expect((4...6).allSatisfy { free.log(step: $0) == ["/etc"] }, "\(free.log)")
        var job = TestJob()
        job.isStrict = true
        let strict = try await job.run(steps: steps)
        #expect(strict.steps.map(\.outcome) == [.success, .success, .success, .failure, .failure, .failure, .failure])
        #expect(strict.log.contains("working-directory out: it is outside of the job's folders"), "\(strict.log)")
        #expect(strict.log.contains("nowhere does not exist"), "\(strict.log)")
    }

    /// A ref is compared, never handed to git; a name that begins like an option is no repository.
    @Test func refsThatLookLikeOptions() async throws {
        let folder = try TestFolder()
        let mark = "--upload-pack=touch${IFS}\(folder.path)/ran"
        let result = try await TestJob().run(
            steps: """
                - {uses: actions/checkout@v4, with: {ref: "\(mark)"}, continue-on-error: true}
                - {uses: actions/checkout@v4, with: {ref: "-c core.pager=x"}, continue-on-error: true}
                - {uses: "actions/checkout@\(mark)", continue-on-error: true}
                - {uses: actions/checkout@v4, with: {repository: "--upload-pack=x"}, continue-on-error: true}
                - {uses: actions/checkout@v4, with: {path: ../../x}, continue-on-error: true}
                - {uses: actions/checkout@v4, with: {path: /tmp/x}, continue-on-error: true}
                """)
        #expect(folder.text("ran") == nil)
        #expect(
            result.steps.map(\.outcome) == [.failure, .failure, .success, .failure, .failure, .failure], "\(result.log)"
        )
        let unknown = try await TestJob().run(
            steps: "- {uses: \"octo/cat@\(mark)\"}\n- {uses: octo/cat/../../../etc@v1, if: always()}")
        #expect(unknown.steps.map(\.outcome) == [.failure, .failure], "\(unknown.log)")
        #expect(folder.text("ran") == nil)
    }

    /// Neither waits, and nothing is read without end.
    @Test func commandFilesThatAreNoFiles() async throws {
        let result = try await TestJob().run(
            steps: """
                - run: rm $GITHUB_ENV; mkfifo $GITHUB_ENV
                - run: ln -sf /dev/zero $GITHUB_OUTPUT; rm $GITHUB_STEP_SUMMARY; mkdir $GITHUB_STEP_SUMMARY
                - run: rm $GITHUB_PATH; ln -s $GITHUB_PATH $GITHUB_PATH
                - run: truncate -s 1G $GITHUB_OUTPUT
                  continue-on-error: true
                - run: truncate -s 1G $GITHUB_STEP_SUMMARY
                - run: echo A=1 >> $GITHUB_ENV
                - run: echo $A
                """)
        #expect(
            result.steps.map(\.outcome) == [.success, .success, .success, .failure]
                + Array(repeating: .success, count: 3))
        #expect(result.log(step: 7) == ["1"] && result.log.contains("it may have 16 MiB"), "\(result.log)")
    }

    @Test func commandFilesThatAreNoText() async throws {
        let result = try await TestJob().run(
            steps: #"""
                - id: s
                  run: |
                    printf 'A=x\377y\nB<<\376\nz\n\376\n' >> $GITHUB_ENV
                    printf 'o=\0\303\n' >> $GITHUB_OUTPUT
                    printf '/p\377\n' >> $GITHUB_PATH
                - run: printf '%s|%s|%s' "$A" "$B" "${PATH%%:*}"
                - run: test "${{ toJSON(steps.s.outputs.o) }}" != ''
                - {if: always(), run: echo "still here"}
                """#)
        #expect(result.log(step: 2) == ["x\u{fffd}y|z|/p\u{fffd}"], "\(result.log)")
        #expect(result.log(step: 4) == ["still here"])
    }

    @Test func allVariablesTogether() async throws {
        let result = try await TestJob().run(
            steps: """
                - run: |
                    for n in $(seq 80); do printf "V$n="; head -c 100000 /dev/zero | tr '\\0' x; echo; done >> $GITHUB_ENV
                - run: echo never
                """)
        #expect(result.steps.map(\.conclusion) == [.success, .failure])
        #expect(result.log.contains("bytes together, more than programs may be given"), "\(result.log.suffix(500))")
    }

    @Test func aPathInAnotherRepositoryStaysThere() {
        for text in ["o/x/../y@v1", "o/x/sub/../../../y@v1", "o/..@v1", "../x@v1", "o/x/..@v1"] {
            #expect(RemoteReference(text) == nil, "\(text)")
        }
        #expect(RemoteReference("o/x/..a/b..@v..1")?.path == "..a/b..")
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
