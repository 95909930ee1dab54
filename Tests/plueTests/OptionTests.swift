import Foundation
import Testing

/// Options that cannot mean anything are refused, or said to have no effect.
@Suite struct OptionTests {
    private static let one = "  a: {runs-on: x, steps: [{run: echo hi}]}\n"

    @Test func filesAreRegularAndOfASizeThatCanBeMeant() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        for device in ["/dev/zero", "/dev", "/dev/urandom"] {
            for option in ["-e", "--input-file", "--var-file"] {
                let result = try sandbox.plue("plan", "push", option, device)
                #expect(result.code == 64 && result.err.contains("expected a file or a pipe"), "\(option): \(result)")
            }
        }
        for option in ["--secret-file", "--env-file"] {
            let result = try sandbox.plue("run", option, "/dev/zero")
            #expect(result.code == 64 && result.err.contains("expected a file or a pipe"), "\(option): \(result)")
        }
        try sandbox.shell("truncate -s 1048577 large; truncate -s 40G ../huge; mkdir .env")
        #expect(try sandbox.plue("plan", "--var-file", "large").err.contains("larger than 1 MiB"))
        #expect(try sandbox.plue("plan", "-e", "../huge").err.contains("larger than 25 MiB"))
        let pipes = try sandbox.shell(
            """
            "\(Binary.path)" plan -e <(yes) || echo $?
            "\(Binary.path)" plan -e <(echo '{}') --var-file /dev/null | grep -c run
            """)
        #expect(pipes.out == "64\n2\n" && pipes.err.contains("larger than 25 MiB"), "\(pipes)")
        #expect(try sandbox.plue("run", "--no-history").code == 0)
    }

    @Test func aMatrixKeyThatIsNone() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            "  m: {runs-on: x, strategy: {matrix: {x: [1, 2], include: [{z: 3}]}}, steps: [{run: echo hi}]}\n")
        let unknown = try sandbox.plue("run", "--matrix", "y:1")
        #expect(unknown.code == 64 && unknown.err.contains("--matrix y") && unknown.err.contains("x, z"), "\(unknown)")
        #expect(try sandbox.plue("plan", "--matrix", "X:1").code == 0)
        #expect(try sandbox.plue("plan", "--matrix", "z:3").code == 0)
        try sandbox.workflow(Self.one)
        #expect(try sandbox.plue("plan", "--matrix", "x:1").err.contains("no job has a matrix"))
        try sandbox.workflow(
            "  m: {runs-on: x, strategy: {matrix: '${{ fromJSON(''{\"q\":[1]}'') }}'}, steps: [{run: echo hi}]}\n")
        #expect(try sandbox.plue("plan", "--matrix", "q:1").code == 0)
    }

    @Test func aDetachedHeadIsOnNoBranch() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("on: {push: {branches: ['**']}}\njobs:\n" + Self.one, file: "branches.yml")
        try sandbox.workflow("on: {push: {tags-ignore: [x]}}\njobs:\n" + Self.one, file: "tags.yml")
        try sandbox.workflow(Self.one)
        try sandbox.shell("git checkout -q --detach")
        let plan = try sandbox.plue("plan")
        #expect(plan.code == 0 && plan.out.contains("run   .github/workflows/ci.yml"), "\(plan)")
        for file in ["branches", "tags"] {
            #expect(plan.out.contains("skip  .github/workflows/\(file).yml  — HEAD is detached"), "\(plan)")
        }
        #expect(try sandbox.plue("plan", "--ref", "refs/heads/a").out.contains("run   .github/workflows/branches.yml"))
    }

    @Test func optionsWithoutEffect() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        let junit = try sandbox.plue("plan", "--junit", "x.xml")
        #expect(junit.code == 64 && junit.err.contains("--junit"), "\(junit)")
        let input = try sandbox.plue("plan", "push", "--input", "s=1")
        #expect(input.code == 0 && input.err.contains("--input has no effect"), "\(input)")
    }

    @Test func eventsThatThereAreNot() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        for (event, hint) in [
            ("Push", "did you mean 'push'?"), ("pull-request", "did you mean 'pull_request'?"),
            ("nonesuch", "known are branch_protection_rule, "),
        ] {
            for verb in ["plan", "run"] {
                let result = try sandbox.plue(verb, event)
                #expect(result.code == 64 && result.err.contains(hint), "\(result)")
            }
        }
    }

    @Test func outputThatCannotBeWritten() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(Self.one)
        #expect(try sandbox.plue("run").code == 0)
        for verb in ["logs", "runs", "plan", "run --json"] {
            let full = try sandbox.shell("\"\(Binary.path)\" \(verb) >/dev/full || echo $?")
            #expect(full.out == "6\n" && full.err.contains("standard output cannot be written"), "\(verb): \(full)")
        }
        let gone = try sandbox.shell("set -o pipefail; \"\(Binary.path)\" logs | true")
        #expect(gone.code == 0 && gone.err.isEmpty, "\(gone)")
    }
}
