import Testing

@testable import WorkflowSyntax

@Suite struct SecurityLintTests {
    private static let pin = "de0fac2e4500dabe0009e67214ff5f5447ce83dd"

    private func found(_ text: String) -> [String] {
        WorkflowParser(linting: true).parse(text, file: "a.yml").diagnostics.map {
            "\($0.severity) \($0.code) \($0.position.line):\($0.position.column)"
        }
    }

    private func steps(_ steps: String, on: String = "push", above: String = "permissions: {}") -> String {
        "on: \(on)\n\(above)\njobs:\n  a:\n    runs-on: x\n    steps:\n\(steps)"
    }

    @Test func nothingOnACleanFile() {
        let text = steps(
            """
                  - uses: actions/checkout@\(Self.pin)
                  - uses: ./local
                  - uses: $/local
                  - uses: docker://alpine@sha256:\(Self.pin)
                  - run: make "$TITLE"
                    env: {TITLE: "${{ github.event.pull_request.title }}", TOKEN: "${{ secrets.TOKEN }}"}
            """, on: "pull_request")
        #expect(found(text) == [])
    }

    @Test(arguments: [
        ("{uses: o/n@v1}", "note unpinned-action 7:16"), ("{uses: o/n@main}", "warning unpinned-action 7:16"),
        ("{uses: 'docker://alpine:3'}", "note unpinned-action 7:16"),
        ("{run: 'curl -H ${{ secrets.TOKEN }}'}", "warning secret-in-script 7:28"),
        ("{run: '${{ format(''x{0}'', secrets.TOKEN) }}'}", "warning secret-in-script 7:15"),
        ("{run: 'echo ${{ github.event.issue.title }}'}", "error untrusted-input 7:25"),
        ("{run: 'echo ::set-output name=a::b'}", "warning deprecated-command 7:21"),
    ])
    func inSteps(_ step: String, _ expected: String) {
        #expect(found(steps("      - \(step)\n")) == [expected])
    }

    @Test(arguments: ["pull_request_target", "workflow_run", "issue_comment"])
    func codeOfStrangersWithTheRepositorysRights(_ event: String) {
        let on = event == "workflow_run" ? "{workflow_run: {workflows: [a]}}" : event
        let checkout = "      - uses: actions/checkout@\(Self.pin)\n        with: {"
        for with in [
            "ref: '${{ github.event.pull_request.head.sha }}'", "ref: '${{ github.head_ref }}'",
            "repository: '${{ github.event.pull_request.head.repo.full_name }}'",
            "ref: 'refs/pull/${{ github.event.number }}/merge'",
            "ref: '${{ github.event.workflow_run.head_sha || github.sha }}'",
        ] {
            let diagnostics = found(steps("\(checkout)\(with)}\n", on: on))
            #expect(diagnostics.count == 1 && diagnostics[0].hasPrefix("error dangerous-checkout 8:"), "\(with)")
            #expect(found(steps("\(checkout)\(with)}\n", on: "pull_request")) == [])
        }
        #expect(found(steps("\(checkout)ref: main}\n", on: on)) == [])
        #expect(
            found(steps("      - run: |\n          gh pr checkout 1\n", on: on)) == ["warning dangerous-checkout 8:11"])
    }

    @Test func permissions() {
        #expect(found(steps("      - run: a\n", above: "name: x")) == ["note default-permissions 4:3"])
        #expect(
            found(steps("      - run: a\n", above: "permissions: write-all")) == ["warning broad-permissions 2:14"])
        #expect(found(steps("      - run: a\n", above: "permissions: read-all")) == [])
    }

    @Test func commentsIgnoreByCode() {
        let bad = "      - {run: 'echo ${{ github.head_ref }}', env: {A: '${{ nope.x }}'}}"
        #expect(found(steps("      - run: echo ${{ github.head_ref }} # plue: ignore[untrusted-input]\n")) == [])
        #expect(
            found(steps("      # plue: ignore[other, untrusted-input]\n      - run: echo ${{ github.head_ref }}\n"))
                == ["warning unused-ignore 7:7"])
        #expect(
            found(
                "# plue: ignore-file[untrusted-input]\n"
                    + steps("      - run: |\n          a\n          echo ${{ github.head_ref }}\n")) == [])
        #expect(
            found(steps("      - run: echo ${{ github.head_ref }} # plue: ignore[cron]\n"))
                == ["error untrusted-input 7:23", "warning unused-ignore 7:42"])
        let windows = steps("      - run: |\n          a\n          echo ${{ github.head_ref }}\n")
            .replacing("\n", with: "\r\n")
        #expect(found(windows) == ["error untrusted-input 9:20"])
        #expect(found("# plue: ignore-file[untrusted-input]\r\n" + windows) == [])
        for comment in ["# plue: ignore", "# plue: ignore[]", "# plue: ignore-file"] {
            #expect(found(steps("      - run: make \(comment)\n")) == ["warning unused-ignore 7:19"], "\(comment)")
        }
        // What GitHub refuses cannot be ignored.
        #expect(found(steps(bad + " # plue: ignore[unknown-context]\n")).first?.hasPrefix("error ") == true)
    }

    @Test func theSafeFormIsNamed() {
        let text = steps("      - run: echo ${{ github.event.pull_request.title }}\n")
        let hint = WorkflowParser(linting: true).parse(text, file: "a.yml").diagnostics.first?.hint
        #expect(
            hint == "env: { TITLE: \"${{ github.event.pull_request.title }}\" } and \"$TITLE\" in the script")
    }

    /// As it would be pasted.
    @Test(arguments: [
        "github.head_ref", "format('\"{0}\"', github.head_ref)", "format('it''s {0} \\n', github.head_ref)",
    ])
    func theSafeFormIsYAML(_ source: String) throws {
        let form = ScriptPlace().safeForm("A", source)
        let mapping = try #require(form.split(separator: " and ").first)
        let env = try #require(try YAMLReader.read(String(mapping))?["env"])
        #expect(env["A"]?.literalText == "${{ \(source) }}")
    }
}
