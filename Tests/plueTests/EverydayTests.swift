import Foundation
import Testing

/// What people met when they used plue on repositories of their own.
@Suite struct EverydayTests {
    @Test func aRepositoryUnderANameOfAnotherAlphabet() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {uses: ./.github/workflows/r.yml}\n")
        try sandbox.workflow(
            "on: workflow_call\njobs: {b: {runs-on: x, steps: [{run: echo $GITHUB_WORKFLOW_REF}]}}", file: "r.yml")
        let folder = "\(sandbox.root)/日本ü"
        try sandbox.shell("git add -A; git commit -qm w; git clone -q . '\(folder)'")
        let result = try sandbox.plue("run", "-C", folder, "--json")
        #expect(result.code == 0, "\(result)")
        #expect(result.records("run.started").first?["workflow"] as? String == ".github/workflows/ci.yml")
        let line = result.records("log").first?["text"] as? String
        #expect(line?.hasSuffix("/.github/workflows/ci.yml@refs/heads/main") == true, "\(line ?? "")")
    }

    /// `$/` is the repository that holds the file: a called workflow, an action of the repository without a checkout, the
    /// action at its top, and a sibling within another repository.
    @Test func referencesToTheRepositoryItself() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
              a: {uses: $/.github/workflows/r.yml, with: {word: hi}}
              b:
                runs-on: x
                steps:
                  - run: mkdir elsewhere
                  - {uses: $/actions/one, with: {who: b}}
                  - uses: $/
                  - uses: other/tools/outer@v1
            """)
        try sandbox.workflow(
            "on: {workflow_call: {inputs: {word: {type: string}}}}\n"
                + "jobs: {c: {runs-on: x, steps: [{run: 'echo called ${{ inputs.word }}'}]}}", file: "r.yml")
        func composite(_ folder: String, _ step: String) throws {
            try sandbox.shell(
                """
                mkdir -p '\(folder)'; cat > '\(folder)/action.yml' <<'Y'
                name: n
                description: d
                inputs: {who: {default: nobody}}
                runs: {using: composite, steps: [\(step)]}
                Y
                """)
        }
        try composite("actions/one", "{uses: $/actions/two, with: {who: '${{ inputs.who }}'}}")
        try composite("actions/two", "{shell: sh, run: 'echo two ${{ inputs.who }}'}")
        try composite(".", "{shell: sh, run: echo top}")
        try composite("../tools/outer", "{uses: $/lib/inner}")
        try composite("../tools/lib/inner", "{shell: sh, run: 'echo inner ${{ github.action_repository }}'}")
        let result = try sandbox.plue("run", "--json", "--local-repository", "other/tools@v1=\(sandbox.root)/tools")
        let lines = result.records("log").compactMap { $0["text"] as? String }
        #expect(result.code == 0, "\(result)")
        #expect(Set(lines).isSuperset(of: ["called hi", "two b", "top", "inner other/tools"]), "\(lines)")

        try sandbox.workflow(
            "  a: {runs-on: x, steps: [{uses: $/actions/one@v1}]}\n  b: {runs-on: x, steps: [{uses: $/../x}]}\n"
                + "  c: {uses: $/.github/workflows/r.yml@main}\n")
        let refused = try sandbox.plue("validate")
        #expect(refused.code == 5)
        #expect(refused.out.contains("ci.yml:3:34: error: Cannot specify a version with '$/'"), "\(refused)")
        #expect(refused.out.contains("leads out of the repository"), "\(refused)")
        #expect(refused.out.contains("cannot specify version when calling local workflows"), "\(refused)")
    }

    /// A workflow of another repository, of which there is a copy here, with what it calls and uses itself.
    @Test func workflowsOfAnotherRepository() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {uses: other/ci/.github/workflows/top.yml@v1, with: {word: hi}, secrets: inherit}\n")
        try sandbox.shell(
            """
            mkdir -p ../ci/.github/workflows ../ci/say
            cat > ../ci/.github/workflows/top.yml <<'Y'
            on: {workflow_call: {inputs: {word: {type: string}}}}
            jobs:
              inner: {uses: ./.github/workflows/low.yml, with: {word: "${{ inputs.word }}!"}}
              same:
                runs-on: x
                steps: [{uses: $/say}]
            Y
            cat > ../ci/.github/workflows/low.yml <<'Y'
            on: {workflow_call: {inputs: {word: {type: string}}}}
            jobs: {b: {runs-on: x, steps: [{run: 'echo low ${{ inputs.word }}'}]}}
            Y
            printf 'name: n\ndescription: d\nruns: {using: composite, steps: [{shell: sh, run: echo said}]}\n' > ../ci/say/action.yml
            """)
        let refused = try sandbox.plue("run")
        #expect(refused.code == 5 && refused.err.contains("--local-repository other/ci@v1=DIR"), "\(refused)")
        let result = try sandbox.plue("run", "--json", "--local-repository", "other/ci@v1=\(sandbox.root)/ci")
        let lines = result.records("log").compactMap { $0["text"] as? String }
        #expect(result.code == 0 && Set(lines).isSuperset(of: ["low hi!", "said"]), "\(result)")
        // Without the copy `$/` is not this repository.
        try sandbox.shell(
            "mkdir -p say; printf 'name: n\\ndescription: d\\nruns: {using: composite, steps: [{shell: sh, run: echo other}]}\\n' > say/action.yml"
        )
        let again = try sandbox.plue("rerun", "--json")
        let texts = again.records("log").compactMap { $0["text"] as? String }
        #expect(again.code == 1 && !texts.contains("other"), "\(again)")
        #expect((again.out + again.err).contains("--local-repository other/ci@v1=DIR"), "\(again)")
        // Its files are none of this repository's workflows; a second run finds their versions again.
        #expect(try sandbox.plue("run", "--local-repository", "other/ci@v1=\(sandbox.root)/ci").code == 0)
        let missing = try sandbox.plue("run", "--local-repository", "other/ci@v1=\(sandbox.root)")
        #expect(missing.code == 5 && missing.err.contains("there is no such workflow"), "\(missing)")
    }

    @Test func anotherRepositorysRunsAreLeftAlone() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: echo x >> $HOME/ran; exit 1}]}\n")
        #expect(try sandbox.plue("run").code == 1)
        try sandbox.shell("mkdir ../fresh; cd ../fresh; git init -q")
        for arguments in [["rerun", "--failed"], ["view"], ["logs"], ["watch"]] {
            let result = try Command(
                Binary.path, arguments + ["-C", "\(sandbox.root)/fresh"], in: sandbox.root,
                environment: sandbox.environment
            ).finish()
            #expect(result.code == 64 && result.err.contains("no run yet"), "\(arguments) \(result)")
        }
        #expect(sandbox.text("ran") == "x\n")
        #expect(try sandbox.plue("runs", "-C", "\(sandbox.root)/fresh").out.isEmpty)
        #expect(try sandbox.plue("runs", "-a", "-C", "\(sandbox.root)/fresh").out.contains("local/repo"))
    }

    @Test func aSkippedJobNeedsNothing() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
              a: {runs-on: x, steps: [{run: echo}]}
              b:
                if: github.event_name == 'release'
                runs-on: x
                services: {db: {image: x}}
                steps: [{uses: some/action@v1}]
              c: {needs: b, runs-on: x, steps: [{uses: some/action@v1}]}
            """)
        let plan = try sandbox.plue("plan")
        #expect(plan.code == 0 && plan.out.contains("skip  b") && plan.out.contains("skip  c"), "\(plan)")
        let result = try sandbox.plue("run", "--json")
        #expect(result.code == 0, "\(result)")
        let skipped = result.records("job.finished").filter { $0["conclusion"] as? String == "skipped" }
        #expect(skipped.count == 2)
        #expect(skipped.last?["message"] as? String == "needs b (skipped)")
    }

    @Test func checkoutOfAnotherRepositoryIsRefusedFirst() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            "  a:\n    runs-on: x\n    steps:\n      - run: touch $HOME/ran\n"
                + "      - {uses: actions/checkout@v4, with: {repository: some/other}}\n")
        let result = try sandbox.plue("run")
        #expect(
            result.code == 5 && result.err.contains("ci.yml:7:") && result.err.contains("[unsupported-checkout]"),
            "\(result)")
        #expect(!FileManager.default.fileExists(atPath: "\(sandbox.root)/ran"))
    }

    @Test func aLegThatDoesNotExistMatchesNothing() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, strategy: {matrix: {n: [1, 2]}}, steps: [{run: echo}]}\n")
        #expect(try sandbox.plue("run", "--matrix", "n:3").code == 3)
        #expect(try sandbox.plue("run", "--matrix", "n:2").code == 0)
    }

    @Test func aFileOfInputsServesEveryWorkflow() throws {
        let sandbox = try Sandbox()
        try sandbox.write(".input", "who=me\nother=x\n")
        try sandbox.workflow(
            "on: {workflow_dispatch: {inputs: {who: {required: true}}}}\n"
                + "jobs: {a: {runs-on: x, steps: [{run: \"echo for-${{ inputs.who }}\"}]}}\n")
        let result = try sandbox.plue("run", "workflow_dispatch", "--json")
        #expect(result.code == 0 && result.out.contains("for-me"), "\(result)")
        #expect(try sandbox.plue("run", "workflow_dispatch", "--input", "nope=1").code == 5)
    }

    @Test func theLastLineStandsBeforeWhatIsSaidOfIt() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: \"printf tail; exit 4\"}]}\n")
        #expect(try sandbox.plue("run").code == 1)
        #expect(try sandbox.plue("logs").out == "tail\n##[error]Process completed with exit code 4.\n")
    }

    @Test func aMarkBeforeTheText() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("on: push\njobs: {a: {runs-on: x, steps: [{run: echo}]}}\n")
        try sandbox.shell("f=.github/workflows/ci.yml; (printf '\\357\\273\\277'; cat $f) > x; mv x $f")
        #expect(try sandbox.plue("run").code == 0)
    }

    @Test func jobsOfAnotherSystemAreSkippedUnlessTheyAreMeant() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: windows-latest, steps: [{run: echo}]}\n")
        #expect(try sandbox.plue("plan").out.contains("skip  a"))
        let plain = try sandbox.plue("run", "--json")
        #expect(plain.records("job.finished").first?["reason"] as? String == "unsupported_platform")
        let meant = try sandbox.plue("run", "--json", "-P", "windows-latest=-self-hosted")
        #expect(meant.records("job.finished").first?["conclusion"] as? String == "success")
    }

    @Test func recordsComeWhileAStepRuns() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            "  a: {runs-on: x, steps: [{run: \"echo first; until test -e $HOME/go; do sleep 0.05; done\"}]}\n")
        let command = try sandbox.start(
            "run", "--json", wrapped: ["/bin/bash", "-c", "exec \"$@\" > $HOME/records", "x"])
        #expect(sandbox.wait { sandbox.text("records").contains(#""text":"first""#) })
        #expect(!sandbox.text("records").contains("step.finished"))
        try sandbox.shell("touch $HOME/go")
        #expect(try command.finish().code == 0)
    }

    @Test func anEarlierAttemptIsShownAsItWas() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: 'test -e ok'}]}\n")
        #expect(try sandbox.plue("run").code == 1)
        try sandbox.write("ok", "")
        #expect(try sandbox.plue("rerun").code == 0)
        let first = try sandbox.plue("view", "1", "--attempt", "1")
        let second = try sandbox.plue("view", "1", "--attempt", "2")
        #expect(first.out.contains("failed in") && !first.out.contains("attempt 2"), "\(first)")
        #expect(second.out.contains("passed in") && second.out.contains("attempt 2"), "\(second)")
        #expect(try sandbox.plue("view", "1", "--attempt", "3").code == 64)
    }
}
