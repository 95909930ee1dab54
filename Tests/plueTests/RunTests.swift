import Foundation
import Testing

/// `plue run` as a user sees it: exit codes, records, options.
@Suite struct RunTests {
    private static let one = "  a: {runs-on: x, steps: [{run: echo hi}]}\n"

    @Test func passedFailedAndNothingMatched() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        let passed = try sandbox.plue("run")
        #expect(passed.code == 0 && passed.out.isEmpty, "\(passed)")
        #expect(passed.err.contains("✓ passed in"))
        let nothing = try sandbox.plue("run", "pull_request")
        #expect(nothing.code == 3 && nothing.err.contains("no workflow runs on pull_request"))
        try sandbox.workflow("  a: {runs-on: x, steps: [{name: Break, run: echo why; exit 7}]}\n")
        let failed = try sandbox.plue("run")
        #expect(failed.code == 1 && failed.err.contains("Break  exit 7") && failed.err.contains("why"), "\(failed)")
        #expect(try sandbox.plue("runs").out.contains("failed"))
        #expect(sandbox.processes().isEmpty)
        let left = try FileManager.default.contentsOfDirectory(atPath: "\(sandbox.root)/data/plue/runners")
        #expect(left.isEmpty)
    }

    @Test func aTimeoutFails() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: sleep 300, timeout-minutes: 0.01}]}\n")
        let result = try sandbox.plue("run", "--json")
        #expect(result.code == 1, "\(result)")
        #expect(sandbox.processes().isEmpty)
    }

    /// The keys of each record, in order.
    @Test func recordsHaveTheDocumentedForm() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
              m:
                runs-on: x
                strategy: {matrix: {os: [a]}}
                steps: [{run: "echo out; echo err >&2; echo '::error file=f.c,line=3::bad'; exit 3"}]
              s: {needs: m, runs-on: x, steps: [{run: a}]}
            """)
        let result = try sandbox.plue("run", "--json")
        #expect(result.code == 1)
        let heads = [
            "run.started": #"","run":1,"workflow":".github/workflows/ci.yml","event":"push","sha":""#,
            "job.started": #"","run":1,"job":"m","leg":{"os":"a"},"name":"m (a)"}"#,
            "log": #"","run":1,"job":"m","leg":{"os":"a"},"step":1,"stream":"stdout","n":"#,
            "annotation":
                #"","run":1,"job":"m","leg":{"os":"a"},"step":1,"level":"error","file":"f.c","line":3,"message":"bad"}"#,
            "step.finished": #"","run":1,"job":"m","leg":{"os":"a"},"step":1,"name":"#,
            "job.finished": #"","run":1,"job":"m","leg":{"os":"a"},"attempt":1,"conclusion":"failure","queued_ms":"#,
            "run.finished": #"","run":1,"conclusion":"failure","exit":1}"#,
        ]
        var seen: Set<String> = []
        for (line, record) in zip(result.out.split(separator: "\n"), result.records) {
            let record = try #require(record, "\(line)")
            let type = try #require(record["type"] as? String)
            #expect(line.hasPrefix(#"{"v":1,"t":""#), "\(line)")
            guard seen.insert(type).inserted else { continue }
            let rest = try #require(line.firstRange(of: #"Z","type":"\#(type)"#))
            let head = try #require(heads[type], "\(type)")
            #expect(line[rest.upperBound...].hasPrefix(head), "\(line)")
        }
        #expect(seen == Set(heads.keys))
        let streams = result.records("log").map { "\($0["stream"] ?? "") \($0["text"] ?? "")" }
        #expect(streams.contains("stdout out") && streams.contains("stderr err"))
        let skipped = result.records("job.finished").first { $0["job"] as? String == "s" }
        #expect(skipped?["conclusion"] as? String == "skipped" && skipped?["reason"] as? String == "needs_failed")
        #expect(result.records("step.finished").first?["exit_code"] as? Int == 3)
    }

    @Test func aRefusedWorkflowIsARecord() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, nope: 1, steps: [{run: touch $HOME/ran}]}\n")
        let result = try sandbox.plue("run", "--json")
        #expect(result.code == 5)
        #expect(result.records.count == 1)
        let record = try #require(result.records("error").first)
        #expect(record["file"] as? String == ".github/workflows/ci.yml")
        #expect(record["line"] as? Int == 3 && record["column"] as? Int == 19)
    }

    @Test func whatIsNotThereYetIsRefusedBeforeAnyStep() throws {
        let sandbox = try Sandbox()
        try sandbox.write("act/action.yml", "name: a\nruns: {using: docker, image: Dockerfile}\n")
        for (key, place) in [
            ("container: alpine", "4:16"), ("services: {db: {image: x}}", "4:15"),
            ("steps: [{uses: owner/name@v1}]", "4:20"), ("steps: [{uses: \"docker://alpine\"}]", "4:20"),
            ("steps: [{uses: ./act}]", "4:20"),
        ] {
            let steps = key.hasPrefix("steps") ? "" : "\n    steps: [{run: echo}]"
            try sandbox.workflow(
                "  a:\n    \(key)\n    runs-on: x\(steps)\n  b: {runs-on: x, steps: [{run: touch $HOME/ran}]}\n")
            for verb in ["run", "plan"] {
                let result = try sandbox.plue(verb)
                #expect(result.code == 5, "\(key): \(result)")
                #expect(result.err.contains(".github/workflows/ci.yml:\(place): error: "), "\(key): \(result.err)")
            }
        }
        try sandbox.workflow("  a: {uses: owner/name/.github/workflows/x.yml@v1}\n")
        #expect(try sandbox.plue("run").code == 5)
        #expect(sandbox.text("ran").isEmpty && !FileManager.default.fileExists(atPath: "\(sandbox.root)/ran"))
        #expect(try sandbox.plue("runs").out.split(separator: "\n").count <= 1)
    }

    @Test func theOptionsOfARun() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
            on:
              push:
              workflow_dispatch: {inputs: {who: {required: true}, loud: {type: boolean}}}
            jobs:
              first: {runs-on: x, steps: [{run: "echo first"}]}
              m:
                needs: first
                runs-on: x
                strategy: {matrix: {os: [a, b], v: [1, 2]}}
                steps:
                  - run: echo "leg=${{ matrix.os }}${{ matrix.v }}"
                  - run: echo "var=${{ vars.V }} env=$E ref=${{ github.ref }} tag=${{ github.ref_name }}"
                  - run: echo "who=${{ inputs.who }} loud=${{ inputs.loud }} event=${{ github.event.x }}"
                  - run: test "${{ secrets.S }}" = hush -a "${{ secrets.FROMFILE }}" = "two words" && echo "s=${{ secrets.S }}"
              other: {runs-on: x, steps: [{run: "echo other"}]}
            """)
        try sandbox.write("../secrets.env", "FROMFILE=\"two words\"\n")
        try sandbox.write("../event.json", "{\"x\": 5}")
        let result = try sandbox.plue(
            "run", "workflow_dispatch", "--json", "-j", "m", "--matrix", "os:b", "--matrix", "v:2", "--input",
            "who=me", "--input", "loud=true", "-s", "S", "--secret-file", "\(sandbox.root)/secrets.env", "--var",
            "V=vee", "--env", "E=ee", "-e", "\(sandbox.root)/event.json", "--ref", "refs/tags/v9", "--junit",
            "\(sandbox.root)/junit.xml", with: ["S": "hush"])
        #expect(result.code == 0, "\(result)")
        let texts = result.records("log").compactMap { $0["text"] as? String }
        #expect(
            texts == [
                "first", "leg=b2", "var=vee env=ee ref=refs/tags/v9 tag=v9", "who=me loud=true event=5", "s=***",
            ])
        let junit = sandbox.text("junit.xml")
        #expect(junit.contains("tests=\"2\" failures=\"0\"") && junit.contains("name=\"m (b, 2)\""), "\(junit)")
        let missing = try sandbox.plue("run", "workflow_dispatch")
        #expect(missing.code == 5 && missing.err.contains("Required input 'who' not provided"))
        #expect(try sandbox.plue("run", "-s", "NOT_SET_ANYWHERE").code == 64)
        #expect(try sandbox.plue("run", "-e", "/nowhere.json").code != 0)
        #expect(try sandbox.plue("run", "--concurrent-jobs", "0").code == 64)
        #expect(try sandbox.plue("run", "-P", "x=image:1").code == 64)
    }

    @Test func aRunWithoutHistoryStoresNothing() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        let result = try sandbox.plue("run", "--no-history")
        #expect(result.code == 0, "\(result)")
        #expect(!FileManager.default.fileExists(atPath: sandbox.database))
        #expect(!result.err.contains("plue logs"))
    }

    @Test func secretsAreNotInTheDatabase() throws {
        let sandbox = try Sandbox()
        let secret = "correct-horse-battery"
        try sandbox.workflow(
            """
              a:
                runs-on: x
                outputs: {o: "${{ steps.s.outputs.o }}"}
                steps:
                  - id: s
                    name: say ${{ github.actor }}
                    env: {S: "${{ secrets.S }}"}
                    run: echo "$S"; echo "::error::$S"; echo "o=$S" >> $GITHUB_OUTPUT; echo "$S" >> $GITHUB_STEP_SUMMARY; echo ${{ secrets.S }}
              b: {needs: a, uses: ./.github/workflows/c.yml, secrets: {inner: "x${{ secrets.S }}"}}
            """)
        try sandbox.workflow(
            "on: {workflow_call: {secrets: {inner: {required: true}}}}\njobs: {i: {runs-on: x, steps: [{run: \"echo ${{ secrets.inner }}\"}]}}",
            file: "c.yml")
        let result = try sandbox.plue("run", "--json", "-s", "S=\(secret)", "-W", ".github/workflows/ci.yml")
        #expect(result.code == 0, "\(result)")
        #expect(!(result.out + result.err).contains(secret))
        let folder = "\(sandbox.root)/data/plue"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix("plue.db") {
            let data = try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))
            #expect(data.range(of: Data(secret.utf8)) == nil, "\(name)")
        }
        // A re-run takes them again.
        #expect(try sandbox.plue("rerun", "-s", "S=\(secret)").code == 0)
    }

    @Test func aHugeLogIsWhole() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            "  a: {runs-on: x, steps: [{run: \"seq 1 200000; head -c 300000 /dev/zero | tr '\\\\0' x\"}]}\n")
        #expect(try sandbox.plue("run").code == 0)
        let lines = try sandbox.plue("logs").out.split(separator: "\n")
        #expect(lines.prefix(200_000).elementsEqual((1...200_000).lazy.map { Substring("\($0)") }))
        #expect(lines.dropFirst(200_000).joined() == String(repeating: "x", count: 300_000))
    }

    @Test func twoThousandJobs() throws {
        let sandbox = try Sandbox()
        var text = "  first: {runs-on: x, steps: [{run: echo hi}]}\n"
        for index in 0..<1_999 { text += "  j\(index): {needs: first, if: false, runs-on: x, steps: [{run: a}]}\n" }
        try sandbox.workflow(text)
        let result = try sandbox.plue("run", "--json")
        #expect(result.code == 0, "\(result.err)")
        #expect(result.records("job.finished").count == 2_000)
        let plan = try sandbox.plue("plan")
        #expect(plan.code == 0, "\(plan.code) \(plan.err) \(plan.out.suffix(200))")
    }

    /// A run that ends while it is made.
    @Test func aRunWithoutALegEndsOnce() throws {
        let sandbox = try Sandbox()
        for strategy in [
            "{max-parallel: 0, matrix: {x: [1]}}", "{matrix: {x: '${{ fromJSON(''[]'') }}'}}", "{matrix: {x: [.nan]}}",
        ] {
            try sandbox.workflow("  a:\n    strategy: \(strategy)\n    runs-on: x\n    steps: [{run: a}]\n")
            let records = try sandbox.plue("run", "--json")
            #expect(records.code == 1 && records.records("job.finished").count == 1, "\(records)")
            #expect(records.records("run.finished").count == 1, "\(records)")
            let shown = try sandbox.plue("run")
            #expect(shown.code == 1 && shown.err.components(separatedBy: "✗ a").count == 2, "\(shown)")
            #expect(shown.err.contains("1 failed") && shown.err.contains(".github/workflows/ci.yml:"), "\(shown)")
            #expect(!shown.err.contains("ExpressionError"), "\(shown)")
        }
    }

    @Test func anInputThatTheActionDoesNotHave() throws {
        let sandbox = try Sandbox()
        try sandbox.write(
            "act/action.yml",
            """
            name: a
            description: a
            inputs: {x: {description: x, required: true}, y: {description: y}}
            runs: {using: composite, steps: [{run: 'echo x=${{ inputs.x }}', shell: bash}]}
            """)
        try sandbox.workflow("  a: {runs-on: x, steps: [{uses: ./act, with: {typo: 1, Y: 2}}]}\n")
        let result = try sandbox.plue("run", "--json")
        let messages = result.records("annotation").map { $0["message"] as? String }
        #expect(result.code == 0, "\(result)")
        #expect(messages == ["Unexpected input(s) 'typo', valid inputs are ['x', 'y']"], "\(result)")
    }

    @Test func aRerunInAnotherTreeSaysSo() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        try sandbox.shell("git add . && git commit -qm workflow")
        #expect(try sandbox.plue("run").code == 0)
        #expect(try !sandbox.plue("rerun").err.contains("no longer"))
        try sandbox.write("x", "x")
        let dirty = try sandbox.plue("rerun")
        #expect(dirty.code == 0 && dirty.err.contains("no longer that of the run"), "\(dirty)")
        #expect(dirty.err.contains("(dirty)"), "\(dirty)")
        try sandbox.shell("git add x && git commit -qm x")
        #expect(try sandbox.plue("rerun").err.contains("no longer that of the run"))
    }

    @Test func aCircleOfCallsIsNamed() throws {
        let sandbox = try Sandbox()
        for (own, other) in [("a", "b"), ("b", "c"), ("c", "b")] {
            try sandbox.workflow(
                "on: \(own == "a" ? "push" : "workflow_call")\njobs: {j: {uses: ./.github/workflows/\(other).yml}}\n",
                file: "\(own).yml")
        }
        let result = try sandbox.plue("run")
        let circle = "b.yml → .github/workflows/c.yml → .github/workflows/b.yml"
        #expect(result.code == 5 && result.err.contains(circle), "\(result)")
        #expect(result.err.contains(".github/workflows/c.yml:2:"), "\(result)")
    }
}
