import Foundation
import Testing

/// `plue validate` on whole repositories, and on what is no file.
@Suite struct ValidateTests {
    private static let job = "jobs: {a: {runs-on: x, steps: [{run: a}]}}\n"

    @Test func callsAndActionsAreChecked() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
            on: push
            jobs:
              a: {uses: ./.github/workflows/none.yml}
              b: {uses: ./.github/workflows/b.yml, with: {x: 1}}
              c: {uses: octo/cat/.github/workflows/other.yml@v1}
            """)
        try sandbox.workflow(
            "on: {workflow_call: {inputs: {y: {type: string, required: true}}}}\n\(Self.job)", file: "b.yml")
        try sandbox.write(
            ".github/actions/foo/action.yml", "name: x\nruns: {using: composite, steps: [{run: a}]}\n")
        let result = try sandbox.plue("validate", "--format", "github", "--level", "error")
        #expect(result.code == 5)
        #expect(
            result.out == """
                ::error file=.github/actions/foo/action.yml,line=2,col=34,title=missing-key::Required property is missing: shell
                ::error file=.github/workflows/ci.yml,line=3,col=13,title=call-missing::./.github/workflows/none.yml: there is no such workflow
                ::error file=.github/workflows/ci.yml,line=4,col=47,title=unknown-input::Invalid input, x is not defined in the referenced workflow.
                ::error file=.github/workflows/ci.yml,line=4,col=13,title=missing-input::Input y is required, but not provided while calling.

                """)
    }

    /// Nothing is waited for, read without end, or keeps the others from being told.
    @Test(arguments: ["pipe", "device", "link", "folder", "large", "absent"])
    func whatIsNoFileIsToldBesideTheOthers(_ kind: String) throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("on: push\njobs: {a: {runs-on: x, stepz: []}}\n", file: "z.yml")
        let place = ".github/workflows/odd.yml"
        switch kind {
        case "pipe": try sandbox.shell("mkfifo \(place)")
        case "device": try sandbox.shell("ln -s /dev/zero \(place)")
        case "link": try sandbox.shell("ln -s nowhere \(place)")
        case "folder": try sandbox.shell("mkdir \(place)")
        case "large": try sandbox.shell("head -c 50000000 /dev/zero | tr '\\0' a > \(place)")
        default: break
        }
        let names = kind == "absent" ? [place, ".github/workflows/z.yml"] : []
        let result = try Command(
            Binary.path, ["validate"] + names, in: sandbox.repository, environment: sandbox.environment
        ).finish()
        #expect(result.code == 5, "\(result)")
        #expect(result.out.contains("\(place):1:1: error:"), "\(result)")
        #expect(result.out.contains("Unexpected value 'stepz'"), "\(result)")
        if names.isEmpty {
            for verb in ["plan", "list"] { #expect(try sandbox.plue(verb).err.contains("odd.yml:1:1"), "\(verb)") }
        }
    }

    @Test func namesOfOthersChangeNothing() throws {
        let sandbox = try Sandbox()
        let evil = #""e\e[2J\r\n::error file=o.yml::pwned\u202E""#
        try sandbox.workflow("on: push\nname: \(evil)\njobs: {a: {runs-on: x, \(evil): 1, steps: [{run: a}]}}\n")
        let github = try sandbox.plue("validate", "--format", "github", "--level", "error")
        #expect(github.out.split(whereSeparator: \.isNewline).count == 1, "\(github.out)")
        #expect(github.out.contains("%0D%0A::error"))
        let text = try sandbox.plue("validate")
        for shown in [text.out, text.err, try sandbox.plue("plan").err] {
            #expect(!shown.unicodeScalars.contains { $0.value == 27 || $0.value == 0x202E }, "\(shown)")
        }
        try sandbox.workflow("on: push\nname: \(evil)\njobs: {a: {name: \(evil), runs-on: x, steps: [{run: a}]}}\n")
        for format in ["ascii", "dot", "mermaid", "svg"] {
            let drawn = try sandbox.plue("graph", "--format", format).out
            #expect(!drawn.unicodeScalars.contains { $0.value == 27 || $0.value == 0x202E || $0 == "\r" }, "\(drawn)")
        }
        #expect(!(try sandbox.plue("plan").out.unicodeScalars.contains { $0.value == 27 }))
        try sandbox.workflow("on: push\njobs: 1\n", file: "w %41#é?.yml")
        let sarif = try sandbox.plue("validate", "--format", "sarif", "--level", "error").out
        #expect(sarif.contains(#".github/workflows/w%20%2541%23%C3%A9%3F.yml"#), "\(sarif)")
    }
}
