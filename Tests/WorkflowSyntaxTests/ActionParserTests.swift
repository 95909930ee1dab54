import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct ActionParserTests {
    @Test func composite() throws {
        let text = """
            name: Greet
            description: says ${{ anything }}
            inputs:
              who: { required: true, default: world, description: "a ${{ b }}" }
            outputs:
              said: { value: "${{ steps.x.outputs.said }}" }
            runs:
              using: composite
              steps:
                - id: x
                  run: echo ${{ inputs.who }}
                  shell: bash
                - uses: ./other
            """
        let (manifest, diagnostics) = ActionParser().parse(text, file: "action.yml")
        #expect(diagnostics.isEmpty, "\(diagnostics)")
        guard case .composite(let steps)? = manifest?.runs else { throw Fault.unexpected }
        #expect(steps.map(\.contextName) == ["x", "__self"])
        #expect(manifest?.inputs.first?.required == true)
        #expect(manifest?.outputs.first?.value?.contextNames == ["steps"])
    }

    @Test func javaScriptAndDocker() throws {
        let node = ActionParser().parse(
            "runs: { using: node20, main: a.js, post: b.js, post-if: failure() }", file: "a.yml")
        guard case .javaScript(let main, nil, let preIf, "b.js"?, let postIf)? = node.manifest?.runs else {
            throw Fault.unexpected
        }
        #expect(main == "a.js" && preIf.source == "always()" && postIf.source == "failure()")
        let docker = ActionParser().parse(
            "runs: { using: docker, image: Dockerfile, args: ['${{ inputs.a }}'] }", file: "a.yml")
        guard case .docker("Dockerfile", _)? = docker.manifest?.runs else { throw Fault.unexpected }
        #expect(docker.manifest?.docker?.args?.items.count == 1)
    }

    @Test(arguments: [
        "runs: { using: node8, main: a.js }", "runs: { using: composite, steps: [{ run: x }] }", "name: x",
        "runs: { using: composite }", "runs: { using: docker }", "runs: { main: a.js }",
    ])
    func refuses(_ text: String) {
        let (manifest, diagnostics) = ActionParser().parse(text, file: "a.yml")
        #expect(manifest == nil && !diagnostics.isEmpty)
    }

    private enum Fault: Error {
        case unexpected
    }
}
