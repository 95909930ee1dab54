import Foundation
import Testing

/// What workflows read of events that are given without a body, and with one.
@Suite struct EventPayloadTests {
    /// An event, an expression and its value; `SHA` stands for the commit.
    private static let rows: [(event: String, expression: String, value: String)] = [
        ("push", "github.ref github.event.head_commit.id github.event.after", "refs/heads/work SHA SHA"),
        ("pull_request", "github.ref github.head_ref github.base_ref", "refs/pull/1/merge work main"),
        ("pull_request", "github.event.pull_request.head.ref github.event.pull_request.base.ref", "work main"),
        ("pull_request", "github.event.number github.event.action github.ref_name", "1 opened 1/merge"),
        ("pull_request_target", "github.ref github.head_ref github.base_ref", "refs/heads/main work main"),
        ("pull_request_review", "github.ref github.event.review.state", "refs/pull/1/merge approved"),
        ("pull_request_review_comment", "github.ref github.event.comment.body", "refs/pull/1/merge A comment"),
        ("issues", "github.ref github.sha github.event.issue.number", "refs/heads/main SHA 1"),
        ("issues", "github.event.action github.event.issue.user.login", "opened octocat"),
        ("issue_comment", "github.event.issue.number github.event.comment.body", "1 A comment"),
        ("release", "github.ref github.ref_type github.event.release.tag_name", "refs/tags/v1.0.0 tag v1.0.0"),
        ("workflow_run", "github.ref github.event.workflow_run.head_branch", "refs/heads/main work"),
        ("workflow_run", "github.event.workflow_run.name github.event.workflow_run.conclusion", "Build success"),
        ("repository_dispatch", "github.event.action github.ref", "deploy refs/heads/main"),
        (
            "merge_group", "github.ref github.event.merge_group.base_ref",
            "refs/heads/gh-readonly-queue/main/pr-1-SHA refs/heads/main"
        ),
        ("create", "github.ref github.event.ref github.event.ref_type", "refs/heads/work work branch"),
        ("delete", "github.ref github.event.ref", "refs/heads/main work"),
        ("deployment", "github.ref github.event.deployment.environment", "refs/heads/work production"),
        ("deployment_status", "github.event.deployment_status.state", "success"),
        ("check_run", "github.ref github.event.check_run.conclusion", "refs/heads/main success"),
        ("check_suite", "github.event.check_suite.head_sha", "SHA"),
        ("discussion", "github.event.discussion.category.name", "General"),
        ("label", "github.event.label.name", "bug"), ("milestone", "github.event.milestone.title", "v1"),
        ("watch", "github.event.action", "started"), ("status", "github.event.state", "success"),
        ("gollum", "github.event.pages[0].page_name", "Home"), ("page_build", "github.event.build.status", "built"),
        ("fork", "github.event.forkee.name", "repo"), ("public", "github.event.repository.name", "repo"),
        ("branch_protection_rule", "github.event.rule.name", "main"),
        ("registry_package", "github.event.registry_package.name", "repo"),
        ("discussion_comment", "github.event.comment.user.login", "octocat"),
        ("workflow_dispatch", "github.ref github.event.workflow", "refs/heads/work .github/workflows/ci.yml"),
    ]

    private func sandbox(_ on: String, _ expressions: String) throws -> Sandbox {
        let sandbox = try Sandbox()
        try sandbox.shell("git checkout -q -b work")
        let texts = expressions.split(separator: " ").map { "${{ \($0) }}" }.joined(separator: " ")
        try sandbox.workflow("on: \(on)\njobs:\n  a: {runs-on: x, steps: [{run: 'echo \"is: \(texts)\"'}]}\n")
        return sandbox
    }

    @Test func madeBodies() throws {
        let filters = [
            "workflow_run": "{workflows: [Build], types: [completed]}", "repository_dispatch": "{types: [deploy]}",
        ]
        for (event, rows) in Dictionary(grouping: Self.rows, by: \.event) {
            let all = rows.map(\.expression).joined(separator: " ")
            let sandbox = try sandbox("{\(event): \(filters[event] ?? "")}", all)
            let sha = try sandbox.shell("git rev-parse HEAD").out.trimmingCharacters(in: .whitespacesAndNewlines)
            let result = try sandbox.plue("run", event, "--json", "--no-history")
            let expected = rows.map(\.value).joined(separator: " ").replacing("SHA", with: sha)
            #expect(result.code == 0 && result.out.contains("is: \(expected)\""), "\(event): \(result)")
        }
    }

    @Test func givenBodies() throws {
        for (event, body, expressions, expected) in [
            ("release", #"{"action":"published","release":{"tag_name":"v2"}}"#, "github.ref", "refs/tags/v2"),
            ("create", #"{"ref":"v3","ref_type":"tag"}"#, "github.ref", "refs/tags/v3"),
            ("issues", #"{"action":"closed","repository":{"default_branch":"dev"}}"#, "github.ref", "refs/heads/dev"),
            ("pull_request_review", #"{"pull_request":{"number":7}}"#, "github.ref", "refs/pull/7/merge"),
            ("merge_group", #"{"merge_group":{"head_ref":"refs/heads/q/1"}}"#, "github.ref", "refs/heads/q/1"),
            ("issues", #"{"action":"closed"}"#, "github.event.action github.event.sender.login", "closed octocat"),
        ] {
            let sandbox = try sandbox(event, expressions)
            try sandbox.write("e.json", body)
            let result = try sandbox.plue("run", event, "--json", "--no-history", "-e", "e.json")
            #expect(result.out.contains("is: \(expected)\""), "\(event) \(body): \(result)")
        }
    }

    @Test func inputsOfABody() throws {
        let on = "{workflow_dispatch: {inputs: {who: {required: true}, loud: {type: boolean}}}}"
        let sandbox = try sandbox(on, "inputs.who inputs.loud github.event.inputs.who")
        try sandbox.write("e.json", #"{"inputs":{"who":"cat","loud":"true","unknown":"x"}}"#)
        let body = try sandbox.plue("run", "workflow_dispatch", "--json", "--no-history", "-e", "e.json")
        #expect(body.out.contains("is: cat true cat\""), "\(body)")
        let option = try sandbox.plue(
            "run", "workflow_dispatch", "--json", "--no-history", "-e", "e.json", "--input", "who=dog")
        #expect(option.out.contains("is: dog true dog\""), "\(option)")
    }

    @Test func theDefaultBranchIsTheOneOfTheRepository() throws {
        let sandbox = try sandbox("issues", "github.ref github.event.repository.default_branch")
        try sandbox.shell("git branch -m main master")
        let renamed = try sandbox.plue("run", "issues", "--json", "--no-history")
        #expect(renamed.out.contains("is: refs/heads/master master\""), "\(renamed)")
        try sandbox.shell("git symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/trunk")
        let remote = try sandbox.plue("run", "issues", "--json", "--no-history")
        #expect(remote.out.contains("is: refs/heads/trunk trunk\""), "\(remote)")
    }

    /// The ref of an event is no branch that is checked out; it stands for the working tree.
    @Test func theRefOfAnEventCanBeCheckedOut() throws {
        let sandbox = try Sandbox()
        try sandbox.shell("git checkout -q -b work")
        try sandbox.workflow(
            "on: [issues, pull_request, release]\njobs:\n  a: {runs-on: x, steps: "
                + "[{uses: actions/checkout@v4, with: {ref: '${{ github.ref }}'}}]}\n")
        for event in ["issues", "pull_request", "release"] {
            let result = try sandbox.plue("run", event, "--no-history")
            #expect(result.code == 0, "\(event): \(result)")
        }
    }

    @Test func theCommitOfAMadePush() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
            on: push
            jobs:
              a:
                runs-on: x
                if: contains(github.event.head_commit.message, '[skip ci]')
                steps:
                  - env: {EVENT: "${{ toJSON(github.event) }}"}
                    run: |
                      python3 - <<'END'
                      import json, os
                      event = json.loads(os.environ["EVENT"])
                      head = event["head_commit"]
                      print("is:", head["message"].split("\\n"), head["author"], head["committer"]["name"])
                      print("and:", event["before"], event["created"], head["timestamp"])
                      END
            """)
        let environment = #"GIT_AUTHOR_NAME='A {sha}' GIT_AUTHOR_EMAIL=a@example.invalid"#
        try sandbox.shell("git add .; \(environment) git commit -qm 'Do it [skip ci]' -m '{\"}'")
        let before = try sandbox.shell("git rev-parse HEAD~1").out.trimmingCharacters(in: .whitespacesAndNewlines)
        let time = try sandbox.shell("git log -1 --format=%cI").out.trimmingCharacters(in: .whitespacesAndNewlines)
        let result = try sandbox.plue("run", "--verbose", "--no-history")
        #expect(result.code == 0, "\(result)")
        let author = "{'name': 'A {sha}', 'email': 'a@example.invalid', 'username': 'octocat'} o"
        #expect(result.err.contains(#"is: ['Do it [skip ci]', '', '{"}'] \#(author)"#), "\(result)")
        #expect(result.err.contains("and: \(before) False \(time)"), "\(result)")
        try sandbox.write("e.json", #"{"head_commit": {"message": "no [skip ci]"}}"#)
        let given = try sandbox.plue("run", "--no-history", "-e", "e.json")
        #expect(given.code == 3 && given.err.contains("[skip ci]"), "\(given)")
    }

    @Test func theFirstCommitMakesItsBranch() throws {
        let sandbox = try sandbox("push", "github.event.created github.event.before")
        let result = try sandbox.plue("run", "--json", "--no-history")
        #expect(result.out.contains("is: true \(String(repeating: "0", count: 40))\""), "\(result)")
    }

    @Test func theActivityIsOneOfTheWorkflow() throws {
        for (event, types, expected) in [
            ("pull_request", "[closed]", "closed"), ("pull_request_target", "[labeled, closed]", "labeled"),
            ("pull_request", "[closed, opened]", "opened"), ("pull_request", "[synchronize]", "synchronize"),
            ("issues", "[closed]", "closed"),
        ] {
            let sandbox = try sandbox("{\(event): {types: \(types)}}", "github.event.action")
            let result = try sandbox.plue("run", event, "--json", "--no-history")
            #expect(result.out.contains("is: \(expected)\""), "\(event) \(types): \(result)")
        }
    }
}
